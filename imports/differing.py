"""Fields, tags and roles of a chunk of rows: only what differs is written, by the rule of each column."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from contacts.custom_fields.values import Written, number_text
from contacts.fields import Place, fields_at, names_at
from contacts.loading import (
    Key,
    change_people,
    load_roles,
    load_tags,
    load_values,
    read_people,
    read_roles,
    read_tags,
    read_values,
)
from contacts.models import Audience
from imports.drafts import LONGEST_NAME, OF_THE_FILE, Draft
from imports.models import ImportRun
from imports.recognising import EMAIL, rule_of
from imports.targets import ALWAYS, DECLARED

LONGEST_SHOWN = 80
Changes = dict[int, list[str]]


def write_differences(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], own: dict[int, set[Key]], changes: Changes
) -> set[int]:
    """Own and custom fields, tags and roles of people who are there already; returns who is found by other words now.

    To `changes` is added, in words, what changed on which line.
    """
    ids = list(dict.fromkeys(people[draft.line] for draft in drafts))
    have, searched = read_people(ids), set(names_at(Place.SEARCH))
    custom = read_values(ids, {name[:LONGEST_NAME] for draft in drafts for name in draft.custom})
    said = _Saying(run)
    own_changes, custom_changes = list[tuple[int, dict[str, str]]](), list[tuple[int, dict[str, Any]]]()
    for draft in drafts:
        person = people[draft.line]
        contact, words = have[person], list[str]()
        fields = said.new_fields(draft, contact, words)
        if draft.email and not contact["email"] and (EMAIL, draft.email) in own[draft.line]:
            fields |= said.new_fields(draft, contact, words, {"email": draft.email})
        values = said.new_values(draft, person, custom, words)
        if fields:
            own_changes.append((person, fields))
        if values:
            custom_changes.append((person, values))
        if words:
            changes.setdefault(draft.line, []).extend(words)
    change_people(_merged(own_changes))
    load_values(custom_changes)
    _write_tags(run, drafts, people, ids, changes)
    _write_roles(run, drafts, people, changes)
    return {person for person, fields in own_changes if searched & fields.keys()}


def _merged(fields: Sequence[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """One item a person, of whom two rows may speak: the last value stands."""
    merged: dict[int, dict[str, str]] = {}
    for person, some in fields:
        merged.setdefault(person, {}).update(some)
    return list(merged.items())


class _Saying:
    """What is to be written of a row by the rules of the run, and said about it; words are translated once a chunk."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.labels = {one.name: str(one.label) for one in fields_at(Place.IMPORT)}
        self.changes = _("%(name)s: %(old)s → %(new)s")
        self.stays = _("%(old)s stays, “%(new)s” is not taken over")

    def new_fields(
        self, draft: Draft, contact: dict[str, str], said: list[str], wanted: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Own fields that differ from the contact's, which follows."""
        new: dict[str, str] = {}
        for name, value in (draft.fields if wanted is None else wanted).items():
            before = contact[name]
            if not value or before == value:
                continue
            column = draft.columns.get(name, self.labels[name])
            if self._may(draft, column, rule_of(self.run, draft, name), self.labels[name], (before, value), said):
                new[name] = contact[name] = value
        return new

    def new_values(
        self, draft: Draft, person: int, have: dict[tuple[int, str], tuple[Any, ...]], said: list[str]
    ) -> dict[str, Any]:
        """Custom fields that differ from the person's in `have`, which follows."""
        new: dict[str, Any] = {}
        for name, value in draft.custom.items():
            before, after = have.get((person, name)), _kept(value)
            if before == after or not after[0]:
                continue
            column = draft.columns.get(f"{DECLARED}{name}") or name.removesuffix(OF_THE_FILE)
            texts = (before[0] if before else "", after[0])
            if self._may(draft, column, self.run.rules.get(column), name, texts, said):
                new[name], have[person, name] = value, after
        return new

    def _may(
        self, draft: Draft, column: str, rule: str | None, label: str, texts: tuple[str, str], said: list[str]
    ) -> bool:
        """Whether a value is to be written by the rule of its column; says what changes, or notes what does not."""
        before, after = texts
        words = {"name": label, "old": before[:LONGEST_SHOWN] or "–", "new": after[:LONGEST_SHOWN]}
        if before and (rule or ALWAYS) != ALWAYS:
            draft.note(column, self.stays % words)
            return False
        said.append(self.changes % words)
        return True


def _kept(value: Any) -> tuple[str, float | None, Any]:
    """A custom value as its row holds it: text, number, moment."""
    if isinstance(value, Written):
        return value.text, value.number, value.moment
    if isinstance(value, bool):
        return "yes" if value else "no", None, None
    return number_text(value), float(value), None


def _write_tags(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], ids: Sequence[int], changes: Changes
) -> None:
    tagged = [draft for draft in drafts if draft.tags]
    if not tagged:
        return
    have, words = read_tags(ids), _("tag: + %(tag)s")
    missing = [(d.line, (people[d.line], tag)) for d in tagged for tag in d.tags if (people[d.line], tag) not in have]
    load_tags(list(dict.fromkeys(pair for _line, pair in missing)), source=run.source)
    for line, (_who, tag) in missing:
        changes.setdefault(line, []).append(words % {"tag": tag})


def _write_roles(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    wanted = {(people[d.line], role): d.line for d in drafts if (role := d.role or run.role)}
    if not wanted:
        return
    have = read_roles(sorted({who for who, _role in wanted}))
    missing = {pair: line for pair, line in wanted.items() if pair not in have}
    load_roles(list(missing), source=run.source)
    for (_who, role), line in missing.items():
        changes.setdefault(line, []).append(_("role: + %(role)s") % {"role": Audience(role).label})
