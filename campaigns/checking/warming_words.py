"""What a campaign says of its sender's warm-up plan: before it goes out, and while it does."""

from django.utils.translation import ngettext

from delivery.models import Message, Sender
from delivery.pace.rationing import held_back
from delivery.pace.warming_up import outlook, plan_of
from lib.local_words import number


def before_warming_up(sender: Sender, people: int) -> str:
    """How many of so many get it today, and when the rest; empty where all can."""
    plan = plan_of(sender)
    today, days = outlook(plan, people) if plan else (people, 0)
    if not days:
        return ""
    words = ngettext(
        "%(today)s today, the rest tomorrow: the sender warms up, and the most engaged come first.",
        "%(today)s today, the rest over the next %(n)s days: the sender warms up, and the most engaged come first.",
        days,
    )
    return words % {"today": number(today), "n": number(days)}


def while_warming_up(message: Message) -> str:
    """How many wait for the days to come; empty where nobody does."""
    waiting = held_back(message)
    plan = plan_of(message.sender) if waiting else None
    if plan is None:
        return ""
    days = max(1, outlook(plan, waiting)[1])
    words = ngettext(
        "The sender warms up: %(waiting)s more get it tomorrow from 9 o’clock on.",
        "The sender warms up: %(waiting)s more get it over the next %(n)s days, each from 9 o’clock on.",
        days,
    )
    return words % {"waiting": number(waiting), "n": number(days)}
