"""Interested in: who fits, how it is said, and who is looked at again."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.merging import link_contacts
from emails.blocks.button import ButtonBlock
from emails.reading import write_blocks
from emails.showing import shown_blocks
from engagement.interests.keeping import merge_tags, rename_tag
from engagement.interests.reading import tag_for
from engagement.interests.saying import say_interests
from engagement.interests.strength import AT_LEAST, KEYS
from engagement.leaf_types.interest import InterestForm, InterestLeaf
from engagement.models import Interest
from engagement.models.interests import Said
from segments.leaf_types.base import RuleError
from segments.members.membership import refresh
from segments.members.rechecking import recheck_due
from segments.models import Segment, SegmentMember
from segments.rules.counting import ids_fitting
from tests.engagement.world import NOON, person

DAYS = (NOON - NOON.replace(month=1, day=1, hour=0)).total_seconds() / 86400


def drawn(who: int, tag, strength: float, said: Said = Said.NOTHING) -> None:
    Interest.objects.create(contact_id=who, tag=tag, sum=strength * 2 ** (DAYS / 60), said=said)


def rule(name: str = "tea", at_least: str = "clear") -> dict:
    return {"interest": {"in": name, "at_least": at_least}}


def test_who_is_interested_so_much_at_least(here):
    tea, cups = tag_for("Tea"), tag_for("Cups")
    people = {strength: person() for strength in (0.4, 0.6, 3.1, 8.1)}
    for strength, who in people.items():
        drawn(who, tea, strength)
    drawn(person(), cups, 20)

    found = {key: ids_fitting(rule(at_least=key)) for key in KEYS}

    assert found["little"] == {people[0.6], people[3.1], people[8.1]}
    assert found["clear"] == {people[3.1], people[8.1]}
    assert found["strong"] == {people[8.1]}
    assert ids_fitting(rule("nothing of ours")) == set()


def test_their_own_word_goes_before_what_they_did(here):
    tea, refuses, wants = tag_for("Tea"), person(), person()
    drawn(refuses, tea, 50)
    assert ids_fitting(rule()) == {refuses}

    say_interests(refuses, {tea.pk: Said.NOT_WANTED})
    say_interests(wants, {tea.pk: Said.WANTS})

    assert ids_fitting(rule(at_least="strong")) == {wants}


def test_it_fades_with_time(here, time_machine):
    tea, who = tag_for("Tea"), person()
    drawn(who, tea, 4)

    assert ids_fitting(rule()) == {who}
    time_machine.move_to(NOON + timedelta(days=30), tick=False)
    assert ids_fitting(rule()) == set()
    assert InterestLeaf.open(rule()["interest"]).moves_with_time() is True


def test_a_tag_is_found_under_its_earlier_names(here):
    tea, drinks, who = tag_for("Tea"), tag_for("Drinks"), person()
    say_interests(who, {tea.pk: Said.WANTS})
    rename_tag(tea, "Fine tea", by=None)

    assert ids_fitting(rule("TEA")) == ids_fitting(rule("fine tea")) == {who}
    merge_tags(tea, drinks, by=None)
    assert ids_fitting(rule("tea")) == ids_fitting(rule("Fine tea")) == ids_fitting(rule("drinks")) == {who}


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from(list(Said))), min_size=1, max_size=6), st.sampled_from([*KEYS])
)
def test_the_statement_agrees_with_the_words(here, told, much):
    tea = tag_for("Tea")
    Interest.objects.all().delete()
    people = [person() for _one in told]
    for who, (strength, said) in zip(people, told, strict=True):
        drawn(who, tea, strength, said)
    least = AT_LEAST[KEYS[much]]

    expected = {
        who
        for who, (strength, said) in zip(people, told, strict=True)
        if said == Said.WANTS or (said == Said.NOTHING and strength >= least + 1e-9)
    }
    near = {who for who, (strength, _said) in zip(people, told, strict=True) if abs(strength - least) < 1e-6}

    found = ids_fitting(rule(at_least=much), only=people)
    assert found - near == expected - near
    leaf = InterestLeaf.open(rule(at_least=much)["interest"])
    assert {who for who in people if leaf.evidence([who]).holds} == found


def test_a_word_makes_segments_look_again(inside):
    tea, who = tag_for("Tea"), person()
    segment = Segment.objects.create(name="tea", rule=rule())
    refresh(segment)
    recheck_due(inside)

    say_interests(who, {tea.pk: Said.WANTS})
    recheck_due(inside)

    assert list(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True)) == [who]


def test_a_block_of_an_email_is_shown_to_who_is_interested(here):
    tea, fan, other = tag_for("Tea"), person(), person()
    say_interests(fan, {tea.pk: Said.WANTS})
    block = ButtonBlock(id="b1", text="Tea", href="https://kettle.example/", when=rule())

    assert shown_blocks(write_blocks([block]), [fan, other]) == {fan: {"b1": True}, other: {}}


def test_it_is_said_in_words_and_refused_when_it_says_nothing(here):
    leaf = InterestLeaf.open(rule("Tea", "strong")["interest"])

    assert str(leaf.phrase()) == "interested in strongly Tea"
    assert InterestForm.initial_of({"in": "Tea"}) == {"tag": "Tea", "at_least": "clear"}
    for bad in ({"in": " "}, {"in": "Tea", "at_least": "madly"}):
        with pytest.raises(RuleError):
            InterestLeaf.open(bad)


def test_those_merged_are_found_as_one(here):
    tea, who, twin = tag_for("Tea"), person(), person()
    say_interests(twin, {tea.pk: Said.WANTS})

    link_contacts(twin, who)

    assert ids_fitting(rule()) == {who}
