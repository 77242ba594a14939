"""Rationing: how many of a chunk may leave today, where its sender's warm-up plan says so."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.db.models import Sum

from delivery.engine.lanes import WORK
from delivery.engine.urgency import URGENT_SQL, urgent_params
from delivery.models import Message, RecipientChunk, WarmUp
from lib.clock import now
from lib.sql import load_sql, read_sql, run_prepared
from workspaces.current import OpenWorkspace, current_workspace, current_workspace_id
from workspaces.tasks import hurry

WARMING_UP = "warming_up"
OPENS_AT = 9  # o'clock where the workspace is


def today_of(workspace: OpenWorkspace) -> date:
    """The day toward which what leaves now is counted."""
    return now().astimezone(ZoneInfo(workspace.zone)).date()


def tomorrow_of(workspace: OpenWorkspace) -> datetime:
    """When those go on who may not go today."""
    day = today_of(workspace) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, OPENS_AT, tzinfo=ZoneInfo(workspace.zone))


def take_from_day(workspace: OpenWorkspace, chunk_id: int) -> tuple[int, int, list[int]]:
    """(chunk, epoch, people) of those of a chunk leased just now who may leave today; nobody when the day is full.

    The rest waits until tomorrow. One statement; call in the transaction of the claim.
    """
    params = urgent_params() | {
        "workspace": workspace.pk,
        "chunk": chunk_id,
        "today": today_of(workspace),
        "tomorrow": tomorrow_of(workspace),
        "sending": Message.State.SENDING.value,
        "ended": WarmUp.State.ENDED.value,
        "reason": WARMING_UP,
    }
    ((found, epoch, people),) = run_prepared(_take_sql(), params)
    return found, epoch, people


def give_back_to_day(message: Message, chunk: RecipientChunk, used: int) -> None:
    """Of a chunk that is settled now `used` people were handed over: the others of it count no more, and may be others.

    The caller holds the chunk's lock, and saves `counted_on`. Does nothing for a chunk that no plan counted.
    """
    day, chunk.counted_on = chunk.counted_on, None
    unused = len(chunk.contact_ids) - used
    if day is None or unused <= 0:
        return
    params = {
        "workspace": current_workspace_id(),
        "sender": message.sender_id,
        "day": day,
        "unused": unused,
        "sending": Message.State.SENDING.value,
        "reason": WARMING_UP,
    }
    if run_prepared(read_sql("delivery/give_back_to_day"), params):
        hurry(WORK)


def let_go_on(sender_id: int) -> None:
    """Whatever waits for tomorrow because of this sender's plan may be tried now. May be repeated.

    The caller holds the plan's row; a claim that holds a chunk already waits for that row, and finds no limit then.
    """
    held = RecipientChunk.objects.filter(message__sender=sender_id, is_done=False, reason=WARMING_UP)
    free = list(held.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    if RecipientChunk.objects.filter(pk__in=free).update(not_before=None, reason=""):
        hurry(WORK)


def held_back(message: Message) -> int:
    """How many of a message wait because its sender warms up."""
    waiting = RecipientChunk.objects.filter(message=message, is_done=False, reason=WARMING_UP)
    return waiting.aggregate(people=Sum("contact_ids__len"))["people"] or 0


def left_today(plan: WarmUp) -> int:
    """How many more may leave today."""
    taken = plan.taken_count if plan.day == today_of(current_workspace()) else 0
    return max(0, plan.most - taken)


@cache
def _take_sql() -> str:
    return load_sql("delivery/take_from_day", is_urgent=URGENT_SQL)
