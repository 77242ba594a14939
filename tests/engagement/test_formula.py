from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.resolving import Hint
from engagement import formula
from engagement.explaining import explain_scores
from engagement.four import NAMES
from engagement.modelling import current_model
from engagement.reading import shown_for
from lib.sql import run_text
from tests.engagement import oracle
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

KINDS = ["visit", "page", "clicked", "purchase", "message", "mention", "review", "complaint", "share", "nps", "meeting"]

moments = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 60 * 24 * 300),
        st.integers(0, 90_000) | st.none(),
        st.integers(-1000, 1000) | st.none(),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from([1000, 1000, 0, 4200]),
    ),
    min_size=1,
    max_size=30,
)


def shown_by_segments(contact: int, at, model) -> dict[str, float]:
    """What the leaf "score" compares."""
    params = {"contact": contact, "workspace": model.workspace_id}

    def param(value) -> str:
        params[name := f"p{len(params)}"] = value
        return f"%({name})s"

    names = [*NAMES, "overall"]
    columns = ", ".join(formula.shown_sql(name, model, at, param) for name in names)
    text = f"SELECT {columns} FROM engagement_score s WHERE s.contact_id = %(contact)s"
    return dict(zip(names, run_text(text, params)[0], strict=True))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=moments)
def test_segments_pages_explanations_and_a_naive_loop_show_the_same_scores(inside, rows):
    from django.db import transaction

    at = timezone.now()
    facts = [
        Fact(
            kind,
            f"e{n}",
            at - timedelta(minutes=minutes),
            hints=(Hint(1, "anna"),),
            value_minor=value,
            sentiment_milli=feeling,
            certainty=certainty,
            weight_milli=weight,
        )
        for n, (kind, minutes, value, feeling, certainty, weight) in enumerate(rows)
    ]
    with transaction.atomic():
        batch = record(facts, source=source_for("test", "Test"))
        model, anna = current_model(), batch.contact_ids[0]
        naive = oracle.shown(batch.rows, model, at)
        if found := shown_for([anna], at):
            numpy = {name: getattr(found[anna], name) for name in naive}
            assert numpy == pytest.approx(naive, abs=1e-9)
            assert shown_by_segments(anna, at, model) == pytest.approx(naive, abs=1e-9)
            for one in explain_scores(anna, at):
                assert one.value == pytest.approx(naive[one.name], abs=1e-9)
                whole = sum(c.points for c in one.contributions)
                assert whole == pytest.approx(naive[one.name], abs=1e-6)
        else:
            assert not any(naive.values())
        transaction.set_rollback(True)


def test_reach_grows_by_the_logarithm_of_those_who_follow():
    assert [formula.reach_milli(n) for n in (None, 0, 90, 990, 999_990)] == [1000, 1000, 2000, 3000, 6000]


def test_a_loud_voice_moves_influence_and_nothing_else(inside):
    source, at = source_for("test", "Test"), timezone.now() - timedelta(days=1)
    quiet, loud = (
        record([Fact("mention", who, at, hints=(Hint(1, who),), weight_milli=weight)], source=source).contact_ids[0]
        for who, weight in (("quiet", 1000), ("loud", 5000))
    )

    shown = shown_for([quiet, loud])

    assert shown[loud].influence > shown[quiet].influence
    assert shown[loud].interaction == pytest.approx(shown[quiet].interaction)
