"""What this room shows on the contact page, in the inbox card and in lists."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from engagement.explaining import Explanation, explain_scores
from engagement.four import NAMES
from engagement.levels import Level
from engagement.models import Fall, Score
from engagement.reading import AGAINST, FOR, MIXED, Shown, shown_for
from engagement.score_history import four_by_week
from lib.clock import now
from lib.local_words import in_sentence
from lib.sql import load_sql, run_sql
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount
from workspaces.current import current_workspace, current_workspace_id
from workspaces.requests import Request

STANCES = {FOR: gettext_lazy("For us"), MIXED: gettext_lazy("Mixed"), AGAINST: gettext_lazy("Against us")}


def head_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """Level and where it goes, stance, the person's contact frequency, worth."""
    who = survivor_of(contact.pk)
    shown = shown_for([who]).get(who)
    fall = Fall.objects.filter(contact_id=who, due_at__gt=now()).first()
    score = Score.objects.filter(contact_id=who).first()
    params = {
        "workspace": current_workspace_id(),
        "contacts": everyone_in(contact.pk),
        "purchase": KINDS["purchase"].code,
        "refund": KINDS["refund"].code,
    }
    value, orders = run_sql("engagement/worth", params, facts=load_sql("touchpoints/facts"))[0]
    return {
        "contact": contact,
        "shown": shown,
        "week": score.week_overall if score else None,
        "fall": fall if shown and shown.level else None,
        "next_level": _level_after(shown) if shown else "",
        "stance": STANCES[shown.stance] if shown else _("Unknown"),
        "worth": value / 100,
        "orders": orders,
        "knows_orders": bool(orders or value) or DayCount.objects.filter(kind=KINDS["purchase"].code).exists(),
        "currency": current_workspace().currency,
    }


def scores_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """The four I's with what each is made of."""
    who = survivor_of(contact.pk)
    shown = shown_for([who]).get(who)
    weeks = four_by_week(who) if contact.is_profiled and shown else {}
    return {
        "known": shown is not None,
        "four": [_four(one, shown) | _way(weeks.get(one.name, [])) for one in explain_scores(who)],
        "is_profiled": contact.is_profiled,
    }


def card_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Level and four bars for the card beside a conversation."""
    who = survivor_of(contact.pk)
    shown = shown_for([who]).get(who)
    if shown is None:
        return None
    return {"shown": shown, "scores": {name: getattr(shown, name) for name in NAMES}, "stance": shown.stance}


def _four(one: Explanation, shown: Shown | None) -> dict[str, Any]:
    lines = [
        (
            _("%(count)s × %(name)s") % {"count": c.events, "name": c.name or _("other")},
            f"{c.points:+.0f}".replace("-", "−"),
        )
        for c in one.contributions[:6]
    ]
    later = sum(c.raw_in_30_days for c in one.contributions)
    scale = one.value / one.raw if abs(one.raw) > 1e-12 else 0.0
    short, long = one.half_lives
    foot = _("Halves every %(short)d or %(long)d days; about %(later)d in 30 days with nothing new.") % {
        "short": short,
        "long": long,
        "later": round(later * scale),
    }
    return {"kind": one.name, "value": one.value if shown else None, "why": lines, "foot": foot if lines else ""}


def _way(values: list[float]) -> dict[str, Any]:
    """The line of the last weeks, and the change since four weeks ago in whole points (None: no point)."""
    change = round(values[-1]) - round(values[-5]) if values else 0
    return {"history": values if any(values) else [], "change": change or None}


def _level_after(shown: Shown) -> str:
    lower = max(int(shown.level) - 1, 1)
    return in_sentence(Level(lower).label)
