"""Browsers in which members are told: allowed by the browser's own secret, moved, ended, forgotten when they are gone."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from lib.clock import now
from lib.push.browsers import MOST_BROWSERS, Browser, NotTheirsError, family_of
from workspaces.models import MemberBrowser, Membership, Notice


@transaction.atomic
def allow_browser(membership: Membership, browser: Browser, *, agent: str) -> MemberBrowser:
    """This browser shows this member what they are told from now on. May be repeated. Locks the membership.

    One that was another member's is theirs no longer. Of more than ten the oldest goes. What was told before the first
    is not pushed. NotTheirsError where it is known already and this is not its secret, or they are no member any more.
    """
    user_id, moment = membership.user_id, now()
    if Membership.objects.select_for_update().filter(pk=membership.pk).first() is None:
        raise NotTheirsError("no member any more")
    held = MemberBrowser.objects.select_for_update().filter(digest=browser.digest).first()
    if held is not None:
        browser.check_secret(held)
    if not browsers_of(user_id).exists():
        Notice.objects.filter(user_id=user_id, seen_at=None, pushed_at=None).update(pushed_at=moment)
    facts = {
        "user_id": user_id,
        "endpoint": browser.endpoint,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "browser": family_of(agent),
        "seen_at": moment,
        "test_asked_at": None,
    }
    if held is None or held.user_id != user_id:
        facts |= {"given_at": moment, "waiting": [], "tries": 0, "again_at": None}
    row, _is_new = MemberBrowser.objects.update_or_create(digest=browser.digest, defaults=facts)
    too_many = browsers_of(user_id).values_list("pk", flat=True)[MOST_BROWSERS:]
    MemberBrowser.objects.filter(pk__in=list(too_many)).delete()
    return row


@transaction.atomic
def move_browser(old: Browser, new: Browser | None) -> bool:
    """A browser changed its endpoint by itself, or (None) has none any more; its old secret proves it. May be repeated.

    False where we do not know it. Where the new one is known, the old one goes. NotTheirsError.
    """
    digests = {old.digest} | ({new.digest} if new else set())
    rows = {row.digest: row for row in MemberBrowser.objects.select_for_update().filter(digest__in=digests)}
    row = rows.get(old.digest)
    if row is None or not old.is_the_one(row):
        return False
    there = rows.get(new.digest) if new else None
    if there is not None and new is not None and there.pk != row.pk:
        new.check_secret(there)
        row.delete()
    elif new is None:
        row.delete()
    else:
        row.digest, row.endpoint, row.p256dh, row.auth = new.digest, new.endpoint, new.p256dh, new.auth
        row.seen_at, row.tries, row.again_at = now(), 0, now() if row.waiting else None
        row.save(update_fields=["digest", "endpoint", "p256dh", "auth", "seen_at", "tries", "again_at"])
    return True


def end_browser(user_id: int, pk: int) -> bool:
    """Nothing is pushed to this browser of theirs from now on; whether there was one. May be repeated."""
    return MemberBrowser.objects.filter(user_id=user_id, pk=pk).delete()[0] > 0


@transaction.atomic
def forget_browsers(digests: Mapping[str, datetime | None]) -> int:
    """Push services say that these are gone. Digest → when we had heard of it last as it was asked: one that allowed us
    again since then stays. Returns how many went; may be repeated. Two statements, however many.
    """
    rows = (
        MemberBrowser.objects.select_for_update()
        .filter(digest__in=list(digests))
        .values_list("pk", "digest", "seen_at")
    )
    gone = [pk for pk, digest, seen_at in rows if seen_at == digests[digest]]
    return MemberBrowser.objects.filter(pk__in=gone).delete()[0] if gone else 0


def browsers_of(user_id: int) -> QuerySet[MemberBrowser]:
    """A member's browsers, the newest first."""
    return MemberBrowser.objects.filter(user_id=user_id).order_by("-seen_at", "-pk")
