from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Audience
from conversations.prioritising import IN_TIME, LATE, SOON, Circumstances, read_lines, weigh

ANY = st.builds(
    Circumstances,
    is_public=st.booleans(),
    lateness=st.sampled_from([IN_TIME, SOON, LATE]),
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
    assert [line.points for line in lines] == sorted((line.points for line in lines), reverse=True)
    assert len(read_lines([[line.code, line.points, line.number] for line in lines])) == len(lines)


@given(ANY)
def test_getting_worse_never_lowers_the_priority(one):
    now, _lines = weigh(one)
    worse = [
        replace(one, lateness=LATE),
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
        ("Late against 4 h", 30),
        ("Critic", 18),
        ("Negative, 93 % sure", 15),
        ("Negative 3 times", 12),
        ("Complaint", 12),
    ]
