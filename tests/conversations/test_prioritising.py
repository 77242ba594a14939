from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Audience
from conversations.inbox.prioritising import IN_TIME, LATE, SOON, Circumstances, read_lines, weigh

ANY = st.builds(
    Circumstances,
    is_public=st.booleans(),
    lateness=st.sampled_from([IN_TIME, SOON, LATE]),
    late_hours=st.integers(0, 90),
    sentiment=st.sampled_from(["neg", "neu", "pos", "unc"]),
    confidence=st.floats(0, 1),
    intent=st.sampled_from(["complaint", "question", "request", "praise", "other"]),
    is_urgent=st.booleans(),
    roles=st.frozensets(st.sampled_from(Audience.values)),
    level=st.integers(0, 6),
    influence=st.floats(0, 100),
    followers=st.integers(0, 10**9),
    negative_count=st.integers(0, 50),
    has_open_complaint=st.booleans(),
)


@given(ANY)
def test_the_lines_explain_the_whole_priority(one):
    total, lines = weigh(one)
    assert total == sum(line.points for line in lines) >= 0
    gains = [line.points for line in lines if line.points > 0]
    assert gains == sorted(gains, reverse=True)
    assert [line.code for line in lines if line.points < 0] in ([], ["praise"])
    assert len(read_lines([[line.code, line.points, line.number] for line in lines])) == len(lines)


@given(ANY)
def test_getting_worse_never_lowers_the_priority(one):
    now, _lines = weigh(one)
    worse = [
        replace(one, lateness=LATE),
        replace(one, late_hours=one.late_hours + 1),
        replace(one, is_urgent=True),
        replace(one, has_open_complaint=True),
        replace(one, followers=one.followers * 10),
        replace(one, negative_count=one.negative_count + 1),
        replace(one, level=min(one.level + 1, 6)),
        replace(one, influence=min(one.influence + 10, 100.0)),
        replace(one, roles=one.roles | {Audience.CRITIC}),
    ]
    assert min(weigh(each)[0] for each in worse) >= now


@given(ANY, st.floats(0, 1))
def test_a_surer_negative_weighs_more(one, confidence):
    low, high = sorted((one.confidence, confidence))
    sad = replace(one, sentiment="neg")
    assert weigh(replace(sad, confidence=low))[0] <= weigh(replace(sad, confidence=high))[0]


def test_why_on_top_in_plain_words():
    _total, lines = weigh(
        Circumstances(
            lateness=LATE,
            sentiment="neg",
            confidence=0.93,
            intent="complaint",
            roles=frozenset({Audience.CRITIC}),
            negative_count=3,
        )
    )
    assert [(line.words(), line.points) for line in lines] == [
        ("Complaint", 40),
        ("Negative, 93 % sure", 35),
        ("Critic", 18),
        ("Negative 3 times", 12),
        ("Late against 4 h", 12),
    ]


@given(ANY, ANY)
def test_a_complaint_and_a_negative_stand_above_praise_however_late_and_loud(one, other):
    praise = replace(one, intent="praise", sentiment="pos", is_urgent=False, has_open_complaint=False)
    glad = replace(praise, intent="other")
    complaint, cross = replace(other, intent="complaint"), replace(other, sentiment="neg", intent="other")

    assert max(weigh(praise)[0], weigh(glad)[0]) < min(weigh(complaint)[0], weigh(cross)[0])


@given(ANY)
def test_a_complaint_weighs_more_than_being_late(one):
    calm = replace(one, intent="other", sentiment="neu", lateness=IN_TIME)
    late = replace(calm, lateness=LATE, late_hours=90)

    assert weigh(replace(calm, intent="complaint"))[0] > weigh(late)[0]
    assert weigh(replace(calm, sentiment="neg", confidence=0.7))[0] > weigh(late)[0]


@pytest.mark.parametrize(("hours", "points"), [(0, 12), (1, 13), (17, 29), (18, 30), (400, 30)])
def test_lateness_is_a_slope(hours, points):
    assert weigh(Circumstances(lateness=LATE, late_hours=hours))[0] == points


def test_praise_says_why_it_stands_so_low():
    total, lines = weigh(Circumstances(sentiment="pos", lateness=LATE, late_hours=5, followers=10_000))

    assert (total, lines[-1].words(), lines[-1].points) == (20, "Praise: a like is enough", -7)
