"""ecrm/flow.py keeps its word: who hears what, who looks again at what, which numbers follow which facts."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from backstage.management.commands.flow import all_news, told
from consent.settling import settle_words
from contacts.merging import link_contacts, unlink_contact
from contacts.models import AudienceRole, Contact, Identity, SearchTerm
from contacts.resolving import Hint
from contacts.searching import index_people
from conversations.conversation_state import refresh as refresh_conversations
from conversations.mentions.listening import hear
from conversations.models import Conversation
from ecrm import flow
from ecrm.celery import app
from engagement.announcing_levels import sweep_levels
from engagement.audience_snapshots import fill_audience_snapshots, write_audience_snapshot
from engagement.checking import compare_with_rebuild
from engagement.interests.checking import largest_difference
from engagement.interests.reading import tag_for
from engagement.models import AudienceSnapshot, Fall, Score
from engagement.reading import shown_for
from engagement.tasks import mend_snapshots
from lib.rooms import house
from portal.preferences import allow_profiling
from segments.leaf_types.base import FACTS, QueryBuilder
from segments.members.membership import refresh
from segments.members.rechecking import recheck_due
from segments.models import Segment, SegmentMember
from segments.rules.compiler import compile_rule
from tests.engagement.test_corrected_mentions import post
from tests.engagement.test_correcting import day_counts, day_counts_from_scratch
from tests.factories.social import make_vouching
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.recording import Recorded, record
from touchpoints.sources import source_for

ROOT = Path(__file__).parent.parent


# --- News ------------------------------------------------------------------------------------------------------------


def test_every_news_has_a_listener_or_says_why_not():
    assert [news.name for news in all_news() if not news.hearers and not news.unheard] == []
    assert [news.name for news in all_news() if news.hearers and news.unheard] == []


def test_every_news_is_called_what_it_is():
    named = {
        name for room in house.rooms if (file := ROOT / room.name / "news.py").exists()
        for name in re.findall(r"^(\w+) = News\(\s*\"(?:\w+)\"", file.read_text(), re.MULTILINE)
    }  # fmt: skip

    assert named == {news.name for news in all_news()}


def test_only_flow_connects_listeners():
    names = "|".join(news.name for news in all_news())
    connecting = re.compile(rf"\b(?:{names})\.(?:connect|hearers)\b")
    files = [path for room in [*house.rooms] for path in (ROOT / room.name).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in files if connecting.search(path.read_text())}

    assert len(files) > 150
    assert found == set()


def test_the_beat_starts_what_flow_says_and_every_task_of_it_exists():
    app.loader.import_default_modules()

    assert app.conf.beat_schedule == flow.SCHEDULE
    assert {one["task"] for one in flow.SCHEDULE.values()} <= app.tasks.keys()


def test_flow_is_printed_for_people(capsys):
    call_command("flow")
    lines = capsys.readouterr().out.splitlines()

    assert lines == list(told())
    assert "  touchpoints_recorded           engagement.scoring.apply_to_scores" in lines
    assert "  agenda.tick                    every 2 s" in lines
    assert max(map(len, lines)) < 240


# --- What segments read ------------------------------------------------------------------------------------------------

TABLES = {
    "contacts_fieldvalue": {"field"},
    "contacts_identity": {"field", "consent", "suppression"},  # a way to reach somebody comes with contacts_changed
    "contacts_audiencerole": {"role"},
    "contacts_tag": {"tag"},
    "contacts_position": {"field"},
    "consent_consent": {"consent"},
    "consent_consentnow": {"consent"},
    "consent_suppression": {"suppression"},
    "segments_segmentmember": {"membership"},
    "segments_segmentpick": {"membership"},
    "touchpoints_touchpoint": {"touchpoint"},
    "touchpoints_correctedfact": {"touchpoint"},
    "engagement_levelmove": {"level"},
    "engagement_score": {"score", "level"},
    "engagement_interest": {"interest"},
    "delivery_delivery": {"delivery"},
    "emails_offercode": {"offer"},
}
NO_FACT = {
    "contacts_contact",
    "contacts_merged",
    "contacts_contacttag",
    "consent_topic",
    "engagement_interesttag",
    "emails_offerpool",
}
EXAMPLES = {
    "score": {"name": "overall", "op": ">=", "value": 40},
    "interest": {"in": "tea", "at_least": "clear"},
    "offer": {"key": "spring", "is": "unused"},
    "level": {"op": ">=", "value": 3},
    "level_moved": {"direction": "down", "window": {"last_days": 28}},
    "did": {"kind": "purchase", "sum": {"path": "value", "op": ">", "value": 3}, "window": {"last_days": 9}},
    "last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}},
    "sequence": {"steps": [{"kind": "opened"}, {"kind": "purchase"}], "within_days": 30},
    "role": {"in": ["customer"]},
    "field": {"name": "city", "op": "=", "value": "Bonn"},
    "tag": {"has_any": ["vip"]},
    "owner": {"in": [1]},
    "company": {"in": [1]},
    "consent": {"channel": "email", "topic": "letter", "state": "given"},
    "suppressed": {"channel": "email"},
    "segment": {"id": 1},
    "picked": {"list": 1},
    "bucket": {"salt": "may", "from": 0, "to": 100},
    "message": {"did": "opened", "window": {"last_days": 30}},
}


def leaf_classes() -> list:
    """Every leaf type."""
    return list(house.leaf_types.values())


def test_every_fact_that_a_leaf_reads_is_marked_for_another_look():
    marked = {fact for _marks, facts in flow.RECHECKED.values() for fact in facts} | flow.FOLLOWED_WITHIN
    unheard = {one.type: sorted(one.reads - marked) for one in leaf_classes() if one.reads - marked}

    assert unheard == {}
    assert marked <= FACTS
    assert [news.name for news, (marks, _facts) in flow.RECHECKED.items() if marks not in news.hearers] == []


@pytest.mark.parametrize("leaf", leaf_classes(), ids=lambda one: one.type)
def test_a_leaf_says_what_it_reads(inside, leaf):
    query = QueryBuilder()
    condition = leaf.open(EXAMPLES[leaf.type]).condition(query)
    text = "\n".join([condition, *query.sets])
    tables = set(re.findall(r"\b((?:contacts|consent|segments|touchpoints|engagement|emails|delivery)_[a-z]+)\b", text))

    assert tables - TABLES.keys() - NO_FACT == set()
    assert [table for table in tables - NO_FACT if not TABLES[table] & leaf.reads] == []
    if re.search(r"\bc\.(?!id\b|workspace_id\b)", condition):
        assert "field" in leaf.reads


# --- Numbers made of facts ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(inside, vouching) -> Recorded:
    """Greta and the visitor who turns out to be her: bought, clicked, wrote, a while ago; segments that know them."""
    tag_for("Tea")
    at, greta, visitor = timezone.now(), (Hint(1, "greta"),), (Hint(1, "visitor"),)
    facts = [
        Fact("message", "m1", at - timedelta(days=9), hints=greta, sentiment_milli=800),
        Fact("purchase", "b1", at - timedelta(days=9), hints=greta, value_minor=9000, payload={"category": "tea"}),
        Fact("clicked", "c1", at - timedelta(days=9), hints=greta, certainty=2),
        Fact("mention", "m2", at - timedelta(days=9), hints=visitor, sentiment_milli=-600, weight_milli=3000),
        Fact("visit", "old", at - timedelta(days=60), hints=visitor),
    ]
    batch = record(facts, source=source_for("test", "Test"))
    Contact.objects.filter(pk__in=batch.contact_ids).update(is_anonymous=False, name="Greta")
    Identity.objects.create(contact_id=batch.contact_ids[0], kind=Identity.Kind.HANDLE, value="greta@tea.example")
    hear(make_vouching(), [post("Does it fit?", published_at=timezone.now())])
    index_people(batch.contact_ids)
    fill_audience_snapshots(days=21)
    for name, rule in RULES.items():
        refresh(Segment.objects.create(name=name, rule=rule))
    settle(inside)
    return batch


RULES = {
    "warm": {"score": {"name": "intimacy", "op": ">", "value": 1}},
    "bought": {"did": {"kind": "purchase", "sum": {"path": "value", "op": ">=", "value": 5000}}},
    "clicked": {"did": {"kind": "clicked"}},
    "angry": {"did": {"kind": "mention", "where": [{"path": "sentiment", "op": "<", "value": 0}]}},
    "known": {"level": {"op": ">=", "value": 1}},
}


def settle(workspace) -> None:
    """Do what is due on the agenda after something happened."""
    sweep_levels()
    recheck_due(workspace)
    mend_snapshots(workspace)


def change(shop: Recorded, which: int, field: Field, value: int | None) -> None:
    assert correct([Change(shop.ids[which], field, value)]) == 1


def merge(shop: Recorded) -> None:
    link_contacts(shop.contact_ids[3], shop.contact_ids[0])


def merge_and_part(shop: Recorded) -> None:
    merge(shop)
    unlink_contact(shop.contact_ids[3])


CAUSES: dict[str, Callable[[Recorded], object]] = {
    "a feeling is corrected": lambda shop: change(shop, 0, Field.SENTIMENT, -800),
    "a feeling turns out unclear": lambda shop: change(shop, 3, Field.SENTIMENT, None),
    "a machine is unmasked": lambda shop: change(shop, 2, Field.CERTAINTY, 0),
    "a person is unmasked": lambda shop: change(shop, 3, Field.CERTAINTY, 2),
    "a purchase is refunded": lambda shop: change(shop, 1, Field.VALUE, 100),
    "a post is deleted": lambda shop: change(shop, 3, Field.DELETED, 1),
    "two become one": merge,
    "one parts again": merge_and_part,
    "somebody becomes an employee": lambda shop: become_employee(shop),
    "somebody says no to profiling": lambda shop: allow_profiling(Contact.objects.get(pk=shop.contact_ids[0]), False),
    "somebody says yes again": lambda shop: say_no_and_yes(shop),
}


# Snapshots keep the audiences of their day: what is said of a person later rewrites no history.
UNMOVED = {
    "somebody becomes an employee": {"audience snapshots"},
    "somebody says no to profiling": {"audience snapshots"},
}


def say_no_and_yes(shop: Recorded) -> None:
    for yes in (False, True):
        allow_profiling(Contact.objects.get(pk=shop.contact_ids[0]), yes)


def become_employee(shop: Recorded) -> None:
    from contacts.news import contacts_changed

    AudienceRole.objects.create(contact_id=shop.contact_ids[0], role=4)
    contacts_changed.tell(contact_ids=[shop.contact_ids[0]])


def snapshots() -> list[tuple]:
    columns = ("day", "role", "people", "involvement", "interaction", "intimacy", "influence", "levels")
    return [
        (*row[:3], *(round(value, 9) for value in row[3:7]), row[7])
        for row in AudienceSnapshot.objects.order_by("day", "role").values_list(*columns)
    ]


def snapshots_agree(_workspace) -> bool:
    before = snapshots()
    for day in set(AudienceSnapshot.objects.values_list("day", flat=True)):
        write_audience_snapshot(day)
    return before == snapshots()


def members_agree(_workspace) -> bool:
    from lib.sql import run_text

    for segment in Segment.objects.all():
        compiled = compile_rule(segment.rule)
        fits = {row[0] for row in run_text(compiled.sql, compiled.params)}
        if fits != set(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True)):
            return False
    return True


def levels_agree(_workspace) -> bool:
    before = dict(Score.objects.values_list("contact_id", "level"))
    Fall.objects.update(due_at=timezone.now())
    sweep_levels()
    return before == dict(Score.objects.values_list("contact_id", "level"))


def search_agrees(_workspace) -> bool:
    before = set(SearchTerm.objects.values_list("contact_id", "term"))
    index_people(list(Contact.objects.values_list("pk", flat=True)))
    return before == set(SearchTerm.objects.values_list("contact_id", "term"))


def conversations_agree(_workspace) -> bool:
    columns = ("pk", "state", "priority", "waiting_since", "due_at")
    before = list(Conversation.objects.order_by("pk").values_list(*columns))
    refresh_conversations([row[0] for row in before])
    return bool(before) and before == list(Conversation.objects.order_by("pk").values_list(*columns))


CHECKS: dict[str, Callable[..., bool]] = {
    "scores and heat": lambda _workspace: compare_with_rebuild().largest < 1e-9,
    "interests": lambda _workspace: largest_difference() < 1e-9,
    "levels": levels_agree,
    "day counts": lambda workspace: day_counts() == day_counts_from_scratch(workspace.zone),
    "audience snapshots": snapshots_agree,
    "the word that counts now": lambda _workspace: (
        settle_words(list(Contact.objects.values_list("pk", flat=True))) == 0
    ),
    "segment members": members_agree,
    "conversation state": conversations_agree,
    "search terms": search_agrees,
}


def test_every_derived_number_is_counted_from_scratch_below():
    assert CHECKS.keys() == flow.DERIVED.keys()
    assert [news.name for heard in flow.DERIVED.values() for news in heard if not news.hearers] == []


@pytest.mark.parametrize("cause", CAUSES)
def test_every_number_made_of_a_fact_hears_that_it_changed(shop, inside, cause):
    CAUSES[cause](shop)
    settle(inside)

    asked = {name: agrees for name, agrees in CHECKS.items() if name not in UNMOVED.get(cause, ())}
    assert [name for name, agrees in asked.items() if not agrees(inside)] == []


def test_who_says_no_to_profiling_has_no_score_from_that_moment_on(shop):
    greta = Contact.objects.get(pk=shop.contact_ids[0])
    assert shown_for([greta.pk])[greta.pk].overall > 0

    allow_profiling(greta, False)

    assert shown_for([greta.pk])[greta.pk].overall == 0


def test_a_fall_by_time_alone_takes_somebody_out_of_a_segment(inside, time_machine):
    source, at = source_for("test", "Test"), timezone.now()
    facts = [Fact("visit", "old", at - timedelta(days=40), hints=(Hint(1, "old"),))]
    facts += [Fact("visit", f"v{n}", at - timedelta(days=n + 0.5), hints=(Hint(1, "anna"),)) for n in range(20)]
    facts += [Fact("purchase", "b", at - timedelta(hours=1), hints=(Hint(1, "anna"),), value_minor=20_000)]
    anna = record(facts, source=source).contact_ids[-1]
    sweep_levels()
    level = Score.objects.get(contact_id=anna).level
    segment = Segment.objects.create(name="there", rule={"level": {"op": ">=", "value": level}})
    refresh(segment)
    assert anna in SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True)

    time_machine.move_to(Fall.objects.get(contact_id=anna).due_at + timedelta(minutes=1))
    sweep_levels()
    recheck_due(inside)

    assert shown_for([anna])[anna].level == level - 1
    assert anna not in SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True)
