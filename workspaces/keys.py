"""Keys for machines: made, shown once, recognised by their hash."""

import hashlib
import secrets
import time
from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.offers import ApiRouter
from lib.rooms import house
from lib.signs import Text
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import ApiKey, User, Workspace

REMEMBERED_SECONDS = 10
_remembered: dict[str, tuple[float, ApiKey | None]] = {}


def make_key(
    kind: str, name: str, *, by: User | None = None, secret: str = "", scopes: Collection[str] = ()
) -> tuple[ApiKey, str]:
    """A new key of the open workspace and its clear text, which nobody can ask for again.

    A key of the API may be narrowed to scopes; without any it may do everything.
    """
    clear = secret or f"{kind}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        workspace_id=current_workspace_id(),
        kind=kind,
        name=name,
        prefix=clear[:12],
        scopes=sorted(scopes),
        secret_hash=hash_key(clear),
        created_by=by,
    )
    audit("key.made", by=by, target=key, kind=kind, scopes=key.scopes)
    return key, clear


def all_scopes() -> list[tuple[str, Text, Text]]:
    """(scope, area, what it allows) for each area of the API: reading it, and changing it."""
    areas: dict[str, list[ApiRouter]] = {}
    for one in house.api_routers:
        areas.setdefault(one.area, []).append(one)
    return [
        (f"{area}:{verb}", routers[0].label, allows)
        for area, routers in areas.items()
        for verb, allows in (("read", _("read")), ("write", _("change")))
        if verb == "read" or not all(one.only_reads for one in routers)
    ]


def scopes_in_words(key: ApiKey) -> list[str]:
    """What a key of the API may do, an area a line; nothing for one that may do everything, and for other kinds."""
    areas: dict[str, list[str]] = {}
    for scope, area, allows in all_scopes():
        if scope in key.scopes:
            areas.setdefault(str(area), []).append(str(allows))
    return [f"{area}: {', '.join(allowed)}" for area, allowed in areas.items()]


def revoke_key(key: ApiKey, *, by: User) -> None:
    """From now on this key opens nothing (other processes notice within ten seconds)."""
    key.revoked_at = now()
    key.save(update_fields=["revoked_at"])
    _remembered.pop(key.secret_hash, None)
    audit("key.revoked", by=by, target=key)


def recognise_key(clear: str, *kinds: str) -> ApiKey | None:
    """The live key with this clear text and one of these kinds, or None. Remembered for ten seconds a process."""
    digest, now = hash_key(clear), time.monotonic()
    known = _remembered.get(digest)
    if known is None or known[0] < now:
        if len(_remembered) > 10_000:
            _remembered.clear()
        known = (now + REMEMBERED_SECONDS, _look_up(digest))
        _remembered[digest] = known
    key = known[1]
    return key if key is not None and key.kind in kinds else None


def hash_key(clear: str) -> str:
    """What is kept of a key. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(clear.encode()).hexdigest()


def workspace_of(key: ApiKey) -> Workspace:
    """The workspace a key opens."""
    return key.workspace


def _look_up(digest: str) -> ApiKey | None:
    alive = Q(expires_at=None) | Q(expires_at__gt=now())
    key = ApiKey.objects.select_related("workspace").filter(alive, secret_hash=digest, revoked_at=None).first()
    today = now().date()
    if key is not None and key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return key
