"""Alarms of silence and of bursts: what rooms say happens by itself, judged each hour, on home until it is as usual again."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from lib.clock import now
from lib.local_words import date_format
from lib.rhythm import DAYS, judge
from lib.rooms import house
from workspaces.current import current_workspace
from workspaces.kept_figures import kept_figure
from workspaces.permissions import may
from workspaces.requests import Request

FIGURE = "engagement.alarms"
JUDGED_EACH = timedelta(hours=1)
TOLD_FOR_DAYS = 30  # whoever has not missed it by then does not


def count_alarms(_argument: int) -> list[dict[str, Any]]:
    """The alarms of the open workspace: which rhythm, which of it, and what is unusual. A statement a rhythm."""
    today = timezone.localdate(now(), ZoneInfo(current_workspace().zone))
    since = today - timedelta(days=DAYS + TOLD_FOR_DAYS)
    found = []
    for rhythm in house.rhythms.values():
        counted: dict[int, dict[date, int]] = defaultdict(dict)
        for which, day, count in rhythm.counts(since):
            counted[which][day] = counted[which].get(day, 0) + count
        for which, by_day in counted.items():
            first = min(by_day)
            days = [by_day.get(first + timedelta(days=ahead), 0) for ahead in range((today - first).days)]
            alarm = judge(days, by_day.get(today, 0))
            if alarm is not None:
                found.append({"rhythm": rhythm.name, "which": which, "today": today.isoformat(), **alarm._asdict()})
    return found


def alarms_panel(request: Request, _subject: Any) -> dict[str, Any] | None:
    """Those that this member may see, in sentences; None where all is as usual."""
    kept = kept_figure(FIGURE, fresh_for=JUDGED_EACH)
    rows = [one for one in (kept.data if kept else []) if _may_see(request, one)]
    if not rows:
        return None
    shown = []
    for name in dict.fromkeys(one["rhythm"] for one in rows):
        mine = [one for one in rows if one["rhythm"] == name]
        called = house.rhythms[name].named([one["which"] for one in mine])
        shown += [(*called[one["which"]], _sentence(one)) for one in mine if one["which"] in called]
    return {"rows": [{"name": name, "url": url, "text": text} for name, url, text in shown]} if shown else None


def _may_see(request: Request, one: dict[str, Any]) -> bool:
    rhythm = house.rhythms.get(one["rhythm"])
    return rhythm is not None and (not rhythm.permission or may(request.membership.role, rhythm.permission))


def _sentence(one: dict[str, Any]) -> str:
    usual = number_format(max(1, round(one["usual"])), use_l10n=True, force_grouping=True)
    if one["silent_days"]:
        day = date.fromisoformat(one["today"]) - timedelta(days=one["silent_days"])
        return _("Nothing since %(day)s, where %(usual)s a day are usual.") % {
            "day": date_format(day, "l, j F"),
            "usual": usual,
        }
    count = number_format(one["of_day"], use_l10n=True, force_grouping=True)
    if one["is_today"]:
        return _("%(count)s today, where %(usual)s a day are usual.") % {"count": count, "usual": usual}
    return _("%(count)s yesterday, where %(usual)s a day are usual.") % {"count": count, "usual": usual}
