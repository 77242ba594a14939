"""Looking at the DNS of each sender: when it is set up, again while something is missing, daily when all is there."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import structlog
from django.conf import settings
from django.db.models import Min

from deliverability.domains import ascii_name, given_of, host_of, spoken_domain
from deliverability.judging import Finding, Setup, is_ready, judge
from deliverability.keys import make_keys, note_seen, public_keys
from deliverability.models import DmarcRefusal, DmarcReport, DmarcRow, DomainLook
from deliverability.name_servers import AskedNameServers, NameServers, NoAnswerError
from delivery.models import Sender
from delivery.presets import OWN, preset_of
from lib.clock import now
from lib.retrying import is_passing
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "deliverability.look"
SOON, LATER, DAILY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
IMPATIENT_FOR = timedelta(days=1)  # after a day without change nobody stands before the page any more
REPORTS_KEPT = timedelta(days=396)  # thirteen months: a year ago can still be looked at
MOST_AT_ONCE = 20
log = structlog.get_logger(__name__)


def setup_of(sender: Sender) -> Setup | None:
    """What the DNS is asked for this sender; None where the DNS has no say."""
    domain = spoken_domain(sender)
    if not domain:
        return None
    return Setup(
        domain=domain,
        host=ascii_name(host_of(sender)),
        return_path=ascii_name(given_of(sender, "return_path_domain")),
        inbound_host=urlsplit(settings.ECRM_URL).hostname or "",
        reports_to=given_of(sender, "reports_to"),
        keys=public_keys(domain),
    )


def look_of(sender: Sender) -> DomainLook | None:
    """The row of this sender, made when there is none; asks for a look when it was never looked at or is of another domain.

    None where the DNS has no say.
    """
    setup = setup_of(sender)
    if setup is None:
        return None
    look, is_new = DomainLook.objects.get_or_create(sender=sender, defaults={"domain": setup.domain})
    if is_new and preset_of(setup.host) is OWN:  # a provider signs by itself
        make_keys(setup.domain, by=None)
    if is_new or look.domain != setup.domain:
        look.domain, look.findings, look.is_ready, look.first_ready_at = setup.domain, [], False, None
        look.save(update_fields=["domain", "findings", "is_ready", "first_ready_at"])
        ask_look(look)
    return look


def looks_of(senders: Sequence[Sender]) -> dict[int, DomainLook]:
    """The look of each sender in whose emails the DNS has a say. One query where none is new or of another domain."""
    kept = {one.sender_id: one for one in DomainLook.objects.filter(sender__in=[one.pk for one in senders])}
    found = {}
    for sender in senders:
        look, domain = kept.get(sender.pk), spoken_domain(sender)
        if domain and (look is None or look.domain != domain):
            look = look_of(sender)
        if domain and look is not None:
            found[sender.pk] = look
    return found


def ask_look(look: DomainLook) -> None:
    """Somebody wants to know it now; a worker looks within seconds. May be repeated."""
    look.wanted_at = look.next_at = now()
    look.save(update_fields=["wanted_at", "next_at"])
    agenda.set_due(WORK)


def look_when_saved(sender: Sender) -> None:
    """A sender is new or was changed: what the DNS must say may be other than before."""
    look = look_of(sender)
    if look is not None:
        ask_look(look)


def look_at_due(workspace: Workspace, servers: Callable[[], NameServers] = AskedNameServers) -> datetime | None:
    """The agenda's work: look at every sender that is due, each outside any transaction. Returns when to come again.

    One that cannot be looked at stops no other. Reports of receivers are forgotten here, too, when they are old.
    """
    for _no in range(MOST_AT_ONCE):
        with working_in(workspace):
            look = DomainLook.objects.filter(next_at__lte=now()).select_related("sender").order_by("next_at").first()
            setup = setup_of(look.sender) if look else None
        if look is None:
            break
        try:
            _look(workspace, look, setup, servers)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("look_broke", look=look.pk)
            with working_in(workspace):
                DomainLook.objects.filter(pk=look.pk).update(next_at=now() + LATER)
    with working_in(workspace):
        forget_reports()
        following: datetime | None = DomainLook.objects.aggregate(next=Min("next_at"))["next"]
        return following


def forget_reports() -> None:
    """Nobody looks at reports of receivers, or at what was refused, after thirteen months. May be repeated."""
    before = now() - REPORTS_KEPT
    DmarcRow.objects.filter(report__ends_at__lt=before).delete()
    DmarcReport.objects.filter(ends_at__lt=before).delete()
    DmarcRefusal.objects.filter(at__lt=before).delete()


def _look(workspace: Workspace, look: DomainLook, setup: Setup | None, servers: Callable[[], NameServers]) -> None:
    found = None if setup is None else judge(setup, servers())
    kept_at = "" if setup is None else keeper_of(setup.domain, servers())
    with working_in(workspace):
        _keep(look, found, kept_at)
        if setup and found:
            note_seen(setup.domain, _keys_seen(found))


def _keys_seen(found: list[Finding]) -> set[str]:
    """Selectors of our keys that the DNS shows as they are."""
    ours = [one for one in found if one.key in {"dkim_rsa", "dkim_ed25519"} and one.mark == "ok"]
    return {one.host.partition(".")[0] for one in ours}


def keeper_of(domain: str, servers: NameServers) -> str:
    """The domain of the name servers that keep `domain`: where its lines are to be written. Empty when nobody says."""
    labels = domain.split(".")
    try:
        for no in range(len(labels) - 1):
            if found := servers.ns(".".join(labels[no:])):
                return ".".join(min(found).split(".")[-2:])
    except NoAnswerError:
        return ""
    return ""


def findings_of(look: DomainLook) -> list[Finding]:
    """The lines as they were found; none before the first look."""
    return msgspec.convert(look.findings, list[Finding])


def _keep(look: DomainLook, found: list[Finding] | None, kept_at: str) -> None:
    """Write down what was found, unless somebody asked again meanwhile: then it is looked at once more."""
    moment, rows = now(), found or []
    is_new = msgspec.to_builtins(rows) != look.findings
    ready = is_ready(rows)
    wait = DAILY if ready or found is None else SOON if _is_watched(look, moment, is_new=is_new) else LATER
    DomainLook.objects.filter(pk=look.pk).update(
        findings=msgspec.to_builtins(rows),
        kept_at=kept_at,
        is_ready=ready,
        looked_at=moment,
        first_ready_at=look.first_ready_at or (moment if ready else None),
    )
    DomainLook.objects.filter(pk=look.pk, next_at=look.next_at).update(next_at=moment + wait)


def _is_watched(look: DomainLook, moment: datetime, *, is_new: bool) -> bool:
    return is_new or (look.wanted_at is not None and moment - look.wanted_at < IMPATIENT_FOR)
