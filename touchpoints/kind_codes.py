"""From a kind's name to its code; unknown names become kinds of the workspace."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Max

from touchpoints.kinds import ALIASES, FIRST_OWN_CODE, KINDS, MOST_OWN_KINDS
from touchpoints.models import OwnKind
from workspaces.current import current_workspace_id

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
            unknown[name] = key[:80]
    if unknown:
        own = _own_codes(set(unknown.values()))
        codes.update({name: own.get(key, OTHER) for name, key in unknown.items()})
    return codes


def _own_codes(keys: set[str]) -> dict[str, int]:
    cached = _own.get(current_workspace_id(), {})
    if keys <= cached.keys():
        return cached
    existing = dict(OwnKind.objects.values_list("key", "code"))
    missing = sorted(keys - existing.keys())[: max(0, MOST_OWN_KINDS - len(existing))]
    if missing:
        last = OwnKind.objects.aggregate(last=Max("code"))["last"] or FIRST_OWN_CODE - 1
        OwnKind.objects.bulk_create(
            [OwnKind(key=key, code=last + n) for n, key in enumerate(missing, start=1)], ignore_conflicts=True
        )
        existing = dict(OwnKind.objects.values_list("key", "code"))
    transaction.on_commit(partial(_own.__setitem__, current_workspace_id(), existing))
    return existing
