"""The complaint guard: mailbox providers turn away who is reported as spam by three of a thousand readers."""

from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from delivery.engine.controlling import pause_for
from delivery.engine.urgency import is_urgent
from delivery.models import Delivery, Message
from workspaces.languages import team_language

WARN_AT, PAUSE_AT = 0.001, 0.003
FEWEST_TO_WARN, FEWEST_TO_PAUSE = 2, 3  # a complaint or two of a few readers say nothing yet


def guard_complaints(message: Message) -> None:
    """After a complaint about a message: at 0.1 % it says so, at 0.3 % it pauses. May be repeated."""
    found = Delivery.objects.filter(message=message, state=Delivery.State.SENT).aggregate(
        sent=Count("pk"), complaints=Count("pk", filter=Q(complained_at__isnull=False))
    )
    share = found["complaints"] / max(found["sent"], 1)
    if share < WARN_AT or found["complaints"] < FEWEST_TO_WARN:
        return
    _note(message, share, found["complaints"])


def _note(message: Message, share: float, complaints: int) -> None:
    with team_language():
        words = {"share": f"{number_format(share * 100, 1)} %", "n": number_format(complaints)}
        if share >= PAUSE_AT and complaints >= FEWEST_TO_PAUSE and not is_urgent(message):  # a receipt goes on
            pause_for(message, _("%(n)s readers marked it as spam, %(share)s: more would harm your sender.") % words)
        else:
            said = _("%(n)s readers marked it as spam, %(share)s. At 0.3 %% it pauses.") % words
            Message.objects.filter(pk=message.pk, state_reason="").update(state_reason=said)
