"""Assigning: who is in which version of a test, and who is the rest, as SQL around the segment's."""

from collections.abc import Sequence
from typing import Any

from campaigns.models import Experiment
from delivery.engine.planning import address_sql
from delivery.models import Delivery, Message
from lib.bucketing import BUCKETS, bucket_sql
from lib.sql import load_sql
from segments.rules.compiler import Compiled


def version_audience(
    experiment: Experiment, message: Message, compiled: Compiled, number: int, versions: int
) -> tuple[str, dict[str, Any]]:
    """The people of a segment who get version `number`: (SELECT of contact_ids, its parameters).

    By a bucket of where it goes to, so that two people with one address stand in one version; by the person where
    nothing is known. Always the same for this test.
    """
    each = experiment.test_percent * BUCKETS // 100 // versions
    address = address_sql(message)
    of_whom = f"(CASE WHEN {address} = '' THEN p.id::text ELSE lower({address}) END)"
    holes = {"audience": compiled.sql, "bucket": bucket_sql(of_whom, "test_salt")}
    given = {"test_salt": f"experiment-{experiment.pk}", "test_from": number * each, "test_until": (number + 1) * each}
    return load_sql("campaigns/version_audience", **holes), {**compiled.params, **given}


def rest_audience(messages: Sequence[Message], compiled: Compiled) -> tuple[str, dict[str, Any]]:
    """The people of a segment who have no word of any of these messages, nor somebody at their address."""
    holes = {"audience": compiled.sql, "address": address_sql(messages[0])}
    given = {"test_messages": [one.pk for one in messages], "test_excluded": int(Delivery.State.EXCLUDED)}
    return load_sql("campaigns/rest_audience", **holes), {**compiled.params, **given}
