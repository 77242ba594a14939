"""From a kind's name to its code; unknown names become kinds of the workspace."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction

from lib.foreign.cleaning import to_storable
from lib.sql import run_text
from touchpoints.kinds import ALIASES, FIRST_OWN_CODE, KINDS, MOST_OWN_KINDS
from touchpoints.models import OwnKind
from workspaces.current import current_workspace_id

LONGEST_KEY = 80
OTHER = KINDS["other"].code
_own: dict[int, dict[str, int]] = {}


def codes_for(names: Iterable[str | int]) -> dict[str | int, int]:
    """A code for each name or code. Up to 500 unknown names become kinds; after that they are "other"."""
    codes: dict[str | int, int] = {}
    unknown: dict[str, str] = {}
    for name in set(names):
        if isinstance(name, int):
            codes[name] = name
            continue
        key = ALIASES.get(name.lower(), name)
        if key in KINDS:
            codes[name] = KINDS[key].code
        else:
            unknown[name] = to_storable(key, LONGEST_KEY)
    if unknown:
        own = _own_codes(set(unknown.values()))
        codes.update({name: own.get(key, OTHER) for name, key in unknown.items()})
    return codes


def _own_codes(keys: set[str]) -> dict[str, int]:
    cached = _own.get(current_workspace_id(), {})
    if keys <= cached.keys():
        return cached
    existing = dict(OwnKind.objects.values_list("key", "code"))
    if not keys <= existing.keys() and len(existing) < MOST_OWN_KINDS:
        existing = _add_kinds(keys)
    transaction.on_commit(partial(_own.__setitem__, current_workspace_id(), existing))
    return existing


def _add_kinds(keys: set[str]) -> dict[str, int]:
    """Make kinds of these names, as far as there is room; all kinds of the workspace.

    One recorder at a time: two that number their first kinds at once would give one number twice, and lose a kind.
    """
    run_text("SELECT pg_advisory_xact_lock(hashtext('touchpoints.kinds'), %(workspace)s::int)", _lock())
    existing = dict(OwnKind.objects.values_list("key", "code"))
    missing = sorted(keys - existing.keys())[: max(0, MOST_OWN_KINDS - len(existing))]
    last = max(existing.values(), default=FIRST_OWN_CODE - 1)
    OwnKind.objects.bulk_create([OwnKind(key=key, code=last + n) for n, key in enumerate(missing, start=1)])
    return existing | {key: last + n for n, key in enumerate(missing, start=1)}


def _lock() -> dict[str, int]:
    return {"workspace": current_workspace_id() % 2**31}
