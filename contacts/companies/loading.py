"""Companies as sets, for files: named or made by one statement, and people put there by another."""

from collections.abc import Iterable, Sequence

from contacts.companies.keeping import LONGEST_NAME
from contacts.companies.searching import index_companies
from contacts.folding import folded
from lib.clock import now
from lib.sql import array_of, array_of_texts, run_sql
from workspaces.current import current_workspace_id

Place = tuple[int, int, str]  # contact, company, role there


def name_companies(names: Iterable[str]) -> dict[str, int]:
    """Name → the company of it, whatever its case; made where there is none. One statement, and three more
    where any is.
    """
    said = list(dict.fromkeys(names))
    if not said:
        return {}
    folds = [folded(name, LONGEST_NAME) for name in said]
    params = {
        "workspace": current_workspace_id(),
        "names": array_of_texts(said),
        "folds": array_of_texts(folds),
        "now": now(),
    }
    rows = run_sql("contacts/name_companies", params)
    index_companies(int(str(company)) for _fold, company, is_new in rows if is_new)
    found = {fold: company for fold, company, _is_new in rows}
    return {name: int(str(found[fold])) for name, fold in zip(said, folds, strict=True)}


def read_positions(contact_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """(contact, company) → the role there, of where these are now. One statement."""
    if not contact_ids:
        return {}
    params = {"workspace": current_workspace_id(), "contacts": array_of(contact_ids)}
    rows = run_sql("contacts/read_positions", params)
    return {(int(str(contact)), int(str(company))): str(role) for contact, company, role in rows}


def load_positions(places: Sequence[Place], *, source: str = "") -> None:
    """These are there now, with this role, by this file. One statement, may be repeated."""
    once = {(contact, company): role for contact, company, role in places}
    if once:
        params = {
            "workspace": current_workspace_id(),
            "contacts": array_of(contact for contact, _company in once),
            "companies": array_of(company for _contact, company in once),
            "roles": array_of_texts(list(once.values())),
            "source": source[:80],
            "now": now(),
        }
        run_sql("contacts/load_positions", params)
