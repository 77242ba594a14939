"""How our emails are received: by provider and week, what servers answered, the busiest days. Counted in the background."""

from dataclasses import dataclass, field
from typing import Any

from deliverability.answer_codes import Meaning, meaning_of
from deliverability.providers import BY_KEY, whose_sql
from delivery.messengers.smtp_line import ENHANCED
from delivery.models import Delivery, Sender
from lib.clock import now
from lib.mail_providers import OTHERS, PROVIDERS, Provider
from lib.sql import load_sql, numbers_of, run_dicts
from workspaces.current import current_workspace, current_workspace_id

FIGURE = "deliverability.trends"
WEEKS, LATELY = 8, 4
BULK_A_DAY = 5_000  # Gmail's and Outlook's own number


@dataclass
class Reception:
    """One provider's four weeks, and eight weeks of delivered shares, the oldest first (None: nothing was sent)."""

    provider: Provider
    sent: int = 0
    bounced: int = 0
    waited: int = 0
    complained: int = 0
    weekly: list[float | None] = field(default_factory=list)

    @property
    def delivered_share(self) -> float | None:
        return (self.sent - self.bounced) / self.sent if self.sent else None

    @property
    def drawn(self) -> list[float]:
        """The weeks in which anything was sent, in percent."""
        return [round(share * 100, 2) for share in self.weekly if share is not None]

    @property
    def bounced_share(self) -> float | None:
        return self.bounced / self.sent if self.sent else None

    @property
    def complained_share(self) -> float | None:
        return self.complained / self.sent if self.sent else None


@dataclass(frozen=True)
class Answer:
    """One code of one provider, or of all (`provider` None), in four weeks."""

    code: str
    provider: Provider | None
    times: int
    meaning: Meaning


def count_trends(_argument: int) -> dict[str, Any]:
    """The figures of the open workspace, as JSON. One look at eight weeks of deliveries; minutes old is young enough."""
    whose, words = whose_sql("d.address")
    senders = [one.pk for one in Sender.objects.all() if one.kind != "webhook"]
    params = words | numbers_of(Delivery.State) | {
        "workspace": current_workspace_id(), "now": now(), "senders": senders, "bulk": BULK_A_DAY,
        "zone": current_workspace().zone, "status": ENHANCED.pattern,
    }  # fmt: skip
    return {
        name: [_plain(row) for row in run_dicts(load_sql(f"deliverability/{name}", whose=whose), params)]
        for name in ("weeks", "refused", "answers", "busiest_days")
    }


def receptions(data: dict[str, Any]) -> list[Reception]:
    """Each provider that anything was sent to in eight weeks, the biggest first, the others last."""
    sent: dict[tuple[str, int], list[int]] = {}
    for row in data["weeks"]:
        sent[row["provider"], row["weeks_ago"]] = [row["sent"], row["bounced"], row["waited"], row["complained"]]
    for row in data["refused"]:
        week = sent.setdefault((row["provider"], row["weeks_ago"]), [0, 0, 0, 0])
        week[0] += row["refused"]
        week[1] += row["refused"]
    found = [_reception(one, sent) for one in (*PROVIDERS, OTHERS)]
    shown = [one for one in found if one.sent or any(share is not None for share in one.weekly)]
    return sorted(shown, key=lambda one: (one.provider is OTHERS, -one.sent))


def answers(data: dict[str, Any]) -> list[Answer]:
    """What was answered, the most frequent first. What means the same everywhere is one line."""
    merged: dict[tuple[str, str], list[Any]] = {}
    for row in data["answers"]:
        own = meaning_of(row["code"], row["provider"]) is not meaning_of(row["code"])
        entry = merged.setdefault((row["code"], row["provider"] if own else ""), [0, set()])
        entry[0] += row["times"]
        entry[1].add(row["provider"])
    lines = []
    for (code, key), (times, houses) in merged.items():
        name = key or (next(iter(houses)) if len(houses) == 1 else "")
        lines.append(Answer(code, BY_KEY.get(name), times, meaning_of(code, key)))
    return sorted(lines, key=lambda one: -one.times)


def busiest(data: dict[str, Any], provider: str) -> tuple[int, str]:
    """(most sent on a day, the first day that counted as bulk or "") of one provider."""
    row = next((one for one in data["busiest_days"] if one["provider"] == provider), None)
    return (row["most"], row["bulk_since"] or "") if row else (0, "")


def _reception(provider: Provider, sent: dict[tuple[str, int], list[int]]) -> Reception:
    one = Reception(provider)
    for week in range(WEEKS - 1, -1, -1):
        count, bounced, waited, complained = sent.get((provider.key, week), [0, 0, 0, 0])
        one.weekly.append(None if not count else (count - bounced) / count)
        if week < LATELY:
            one.sent += count
            one.bounced += bounced
            one.waited += waited
            one.complained += complained
    return one


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
