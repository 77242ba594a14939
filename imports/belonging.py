"""Where the people of a chunk are, and who looks after them: companies made and joined, owners said, each as a set."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from contacts.companies.loading import Place, load_positions, name_companies, read_positions
from contacts.loading import load_owners, read_owners
from imports.drafts import Draft
from imports.models import ImportRun
from imports.recognising import rule_of
from imports.targets import ALWAYS, COMPANY, OWNER, ROLE_THERE

Changes = dict[int, list[str]]


def write_places(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], is_new: set[int], changes: Changes
) -> dict[int, list[str]]:
    """The companies of these rows, made where there are none, and who is there; person → companies that they are new at.

    Where somebody is at another company already it stands beside, and the file's is named first, unless the rule of the
    column leaves what is there. Three statements, whatever the number of rows.
    """
    asking = [draft for draft in drafts if draft.company]
    known = name_companies(draft.company for draft in asking)
    have = read_positions([people[draft.line] for draft in asking if draft.line not in is_new])
    at = {who for who, _company in have}
    places, fresh = list[Place](), dict[int, list[str]]()
    for draft in asking:
        who, company = people[draft.line], known[draft.company]
        stood = have.get((who, company))
        if stood is None and who in at and rule_of(run, draft, COMPANY) != ALWAYS:
            draft.note(draft.columns[COMPANY], _("“%(new)s” is not taken over") % {"new": draft.company[:60]})
            continue
        role = _role(run, draft, stood)
        if stood == role:
            continue
        places.append((who, company, role))
        have[who, company] = role
        said = f"{draft.company}, {role}" if role else draft.company
        changes.setdefault(draft.line, []).append(_("company: + %(company)s") % {"company": said[:120]})
        if stood is None:
            fresh.setdefault(who, []).append(draft.company)
    load_positions(places, source=run.source)
    return fresh


def write_owners(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    """Who looks after the people of these rows, by the rule of the column. Two statements."""
    asking = [draft for draft in drafts if draft.owner_id]
    have = read_owners([people[draft.line] for draft in asking])
    wanted: dict[int, int] = {}
    for draft in asking:
        who, owner = people[draft.line], int(draft.owner_id or 0)
        stood = have.get(who)
        if stood == owner:
            continue
        if stood and rule_of(run, draft, OWNER) != ALWAYS:
            draft.note(draft.columns[OWNER], _("somebody looks after them already: not taken over"))
            continue
        wanted[who] = have[who] = owner
        changes.setdefault(draft.line, []).append(_("owner changed"))
    load_owners(wanted)


def _role(run: ImportRun, draft: Draft, stood: str | None) -> str:
    """The role there as it is to stand: of a row without one what stood."""
    if not draft.role_there:
        return stood or ""
    if stood and stood != draft.role_there and rule_of(run, draft, ROLE_THERE) != ALWAYS:
        draft.note(draft.columns[ROLE_THERE], _("“%(new)s” is not taken over") % {"new": draft.role_there[:60]})
        return stood
    return draft.role_there
