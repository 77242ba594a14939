"""What this room holds about a person: what they agreed to, with its proof."""

from collections.abc import Iterator, Sequence
from typing import Any

from consent.models import Consent, ConsentNow, SignUp, Topic, TrackingConsent
from lib.personal import plain_rows
from lib.sql import array_of, run_sql

OURS = {"by_id"}  # which colleague pressed the button is about the colleague


def gather_consents(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Every yes and no with topic and wording in full."""
    rows = Consent.objects.filter(contact__in=ids).select_related("topic", "wording")
    yield from _with_words(rows)
    yield from _with_words(TrackingConsent.objects.filter(contact__in=ids).select_related("wording"))


def erase_consents(ids: Sequence[int]) -> int:
    """IP, browser and page go, by the owner's function; that they said yes or no, to which words and when, stays."""
    ConsentNow.objects.filter(contact__in=ids).delete()
    return int(run_sql("consent/call_erase_proofs", {"contacts": array_of(ids)})[0][0])


def gather_sign_ups(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What was asked for with their address, through which form, and what they answered."""
    rows = SignUp.objects.filter(contact__in=ids).select_related("form")
    names = dict(Topic.objects.values_list("pk", "name"))
    by_pk = {row.pk: row for row in rows.order_by("pk")}
    for row, entry in zip(by_pk.values(), plain_rows(rows, leave_out={"topic_ids", "made_contact"}), strict=True):
        yield entry | {"form": row.form.name, "topics": [names[one] for one in row.topic_ids if one in names]}


def erase_sign_ups(ids: Sequence[int]) -> int:
    """Address, answers, IP, browser and page go; that somebody signed up by this form then stays for its numbers."""
    rows = SignUp.objects.filter(contact__in=ids)
    rows.filter(state=SignUp.State.ASKED).update(state=SignUp.State.FORGOTTEN)
    return rows.update(address="", said={}, ip=None, agent="", page="", language="")


def _with_words(rows: Any) -> Iterator[dict[str, Any]]:
    by_pk = {row.pk: row for row in rows.order_by("pk")}
    for row, entry in zip(by_pk.values(), plain_rows(rows, leave_out=OURS), strict=True):
        entry["wording"] = row.wording.text if row.wording else ""
        if "topic" in entry:
            entry["topic"] = row.topic.name
        yield entry
