"""What members have not seen after five minutes goes to them by mail: one mail with all of it, in their language."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import Min
from django.template.loader import render_to_string
from django.urls import reverse

from lib.clock import now
from lib.own_mail import send_mail
from workspaces.current import current_workspace, working_in
from workspaces.models import Membership, Notice, Workspace
from workspaces.notices.noticing import KEPT, MAILED_AFTER, forget_notices, tell
from workspaces.notices.wording import member_language, things_for_you
from workspaces.permissions import team

log = structlog.get_logger(__name__)
Letter = tuple[str, str, str]  # (to, subject, body)


def mail_notices(workspace: Workspace) -> datetime | None:
    """The agenda's work; returns when the next is due.

    A mail goes at most once: it counts as sent before it leaves, for what it says stands in the product anyway.
    """
    with working_in(workspace):
        letters = _letters()
        forget_notices(now() - KEPT)
        oldest = Notice.objects.filter(seen_at=None, mailed_at=None).aggregate(at=Min("created_at"))["at"]
    for to, subject, body in letters:
        try:
            send_mail(subject, body, to)
        except OSError as error:  # smtplib's errors are OSErrors
            log.warning("notices_not_mailed", workspace=workspace.slug, error=str(error)[:200])
    return oldest + MAILED_AFTER if oldest else None


def _letters() -> list[Letter]:
    """One for each member who has something due and wants mail; all of it counts as mailed."""
    due = list(Notice.objects.filter(seen_at=None, mailed_at=None, created_at__lte=now() - MAILED_AFTER).order_by("pk"))
    Notice.objects.filter(pk__in=[row.pk for row in due]).update(mailed_at=now())
    theirs: dict[int, list[Notice]] = defaultdict(list)
    for row in due:
        theirs[row.user_id].append(row)
    wanting = [one for one in team() if one.user_id in theirs and one.mails_notices and one.user.is_active]
    written = [_letter(one, theirs[one.user_id]) for one in wanting]
    return [one for one in written if one]


def _letter(membership: Membership, rows: Sequence[Notice]) -> Letter | None:
    workspace = current_workspace()
    with member_language(membership.user):
        told = tell(rows, membership.role)
        if not told:
            return None
        lines = [(one.text, f"{settings.ECRM_URL}{one.url}") for one in told]
        here = f"{settings.ECRM_URL}{reverse('workspaces:notices')}"
        context = {"lines": lines, "brand": workspace.name, "here": here}
        body = render_to_string("workspaces/emails/notices.txt", context)
        return membership.user.email, things_for_you(len(told)), body
