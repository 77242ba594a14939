"""What is done to many people at once: exactly them, in sets, with one line and a way back that touches nothing else."""

import csv
import io
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from consent.consenting import give_consent, newest_word
from consent.models import Topic
from contacts.merging import link_contacts
from contacts.models import AudienceRole, Contact, FieldValue, Tag
from delivery.models import Delivery
from lib.clock import now
from segments.models import BulkAction, BulkChange, Segment, SegmentMember
from segments.people.bulk import acting
from segments.people.bulk.acting import VERBS, act, go_on, undo
from segments.people.bulk.base import BulkError
from segments.picking import make_list
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry, Role

LIST = "/w/kettle/contacts/"
HAS_NO_TAG = urlencode({"f": json.dumps({"tag": {"has_none": ["vip"]}})})


@pytest.fixture
def people(inside):
    return [make_contact(name, f"{name}@people.example").pk for name in ("ann", "ben", "cyd")]


@pytest.fixture
def world(people, ada, bob):
    """Everything a verb needs: ann has it already, or has something to lose."""
    ann = Contact.objects.get(pk=people[0])
    topic = Topic.objects.first()
    give_consent(ann, topic=topic, wording="Yes, please")
    Tag.objects.create(contact=ann, name="VIP")
    AudienceRole.objects.create(contact=ann, role=2)
    FieldValue.objects.create(contact=ann, name="cups", number=4)
    Contact.objects.filter(pk=ann.pk).update(city="Bonn", city_folded="bonn", owner_id=ada.pk)
    ann.refresh_from_db()
    board = make_list("Board", owner_id=ada.pk)
    return {"topic": topic, "board": board, "ann": ann, "bob": bob}


def arguments(world):
    return [
        ("add_tag", {"tag": "tea"}),
        ("remove_tag", {"tag": "vip"}),
        ("add_role", {"role": 1}),
        ("end_role", {"role": 2}),
        ("set_field", {"field": "city", "value": "Ulm", "only_empty": False}),
        ("set_field", {"field": "cups", "value": 7.0, "only_empty": False}),
        ("set_field", {"field": "cups", "value": "", "only_empty": False}),
        ("set_field", {"field": "wish", "value": "Assam", "only_empty": True}),
        ("set_owner", {"owner": world["bob"].pk, "name": "Bob"}),
        ("set_owner", {"owner": None, "name": ""}),
        ("withdraw", {"topic": world["topic"].key, "name": "Letter", "reason": "They asked on the phone"}),
        ("add_to_list", {"list": world["board"].pk, "name": "Board"}),
        ("end_consents", {"day": "2031-01-01", "at": "2031-01-02T00:00:00+00:00"}),
    ]


def standing(world, people):
    """Everything that a verb may change, as rows; a consent as the state that counts."""
    words = [newest_word(one, topic=world["topic"]) for one in Contact.objects.filter(pk__in=people).order_by("pk")]
    return {
        "tags": sorted(Tag.objects.values_list("contact", "name")),
        "roles": sorted(AudienceRole.objects.filter(until=None).values_list("contact", "role")),
        "fields": sorted(FieldValue.objects.values_list("contact", "name", "text", "number")),
        "own": list(Contact.objects.order_by("pk").values_list("city", "city_folded", "owner_id")),
        "words": [(word.state, word.basis, word.wording_id, word.expires_at) if word else None for word in words],
        "members": sorted(SegmentMember.objects.values_list("segment", "contact")),
    }


@pytest.mark.parametrize("number", range(13))
def test_each_verb_changes_something_and_takes_it_back(world, people, ada, number):
    verb, argument = arguments(world)[number]
    before = standing(world, people)

    action = act(verb, argument, people, by=ada)
    assert (action.state, action.done_count) == (BulkAction.State.DONE, 3)
    assert action.changed_count > 0
    assert standing(world, people) != before
    again = act(verb, argument, people, by=ada)
    assert again.changed_count == 0
    action = undo(action, by=ada)

    assert action.state == BulkAction.State.UNDONE
    after = standing(world, people)
    assert after == before
    assert action.undone_count == action.changed_count
    assert undo(action, by=ada).undone_count == action.undone_count
    assert not Delivery.objects.exists()


def test_what_somebody_changed_since_stays(world, people, ada):
    ann, ben, _cyd = people
    tag = act("add_tag", {"tag": "tea"}, people, by=ada)
    Tag.objects.filter(contact=ben, name="tea").delete()
    Tag.objects.create(contact_id=ben, name="tea")
    city = act("set_field", {"field": "city", "value": "Ulm", "only_empty": False}, people, by=ada)
    Contact.objects.filter(pk=ben).update(city="Trier")
    role = act("add_role", {"role": 1}, people, by=ada)
    AudienceRole.objects.filter(contact=ben, role=1).update(until=now())
    no = act("withdraw", {"topic": world["topic"].key, "name": "L", "reason": "r"}, people, by=ada)
    give_consent(Contact.objects.get(pk=ann), topic=world["topic"], page="https://kettle.example/yes")
    newest = newest_word(Contact.objects.get(pk=ann), topic=world["topic"]).pk

    assert [undo(one, by=ada).undone_count for one in (tag, city, role, no)] == [2, 2, 2, 2]

    assert list(Tag.objects.filter(name="tea").values_list("contact", flat=True)) == [ben]
    assert list(Contact.objects.order_by("pk").values_list("city", flat=True)) == ["Bonn", "Trier", ""]
    assert list(AudienceRole.objects.filter(role=1).values_list("contact", flat=True)) == [ben]
    assert newest_word(Contact.objects.get(pk=ann), topic=world["topic"]).pk == newest


def test_whoever_is_merged_counts_as_one(people, ada):
    ann, ben, cyd = people
    Tag.objects.create(contact_id=ben, name="tea")
    AudienceRole.objects.create(contact_id=ben, role=1)
    link_contacts(ben, ann)

    assert act("add_tag", {"tag": "Tea"}, [ann, cyd], by=ada).changed_count == 1
    assert act("add_role", {"role": 1}, [ann, cyd], by=ada).changed_count == 1
    taken = act("remove_tag", {"tag": "TEA"}, [ann], by=ada)
    assert taken.changed_count == 1
    undo(taken, by=ada)
    assert Tag.objects.filter(contact=ben, name="tea").exists()


def test_after_a_day_it_stands_and_is_forgotten(people, ada, kettle):
    action = act("add_tag", {"tag": "tea"}, people, by=ada)

    with time_machine.travel(now() + timedelta(days=1, minutes=5), tick=False):
        with pytest.raises(BulkError):
            undo(action, by=ada)
        assert go_on(kettle) is None
        assert not BulkChange.objects.exists()
    assert Tag.objects.count() == 3


def test_many_are_done_by_the_work_and_it_goes_on_after_a_stop(inside, ada, kettle, monkeypatch):
    monkeypatch.setattr(acting, "FEW", 5)
    monkeypatch.setattr(acting, "AT_ONCE", 4)
    crowd = [make_contact(f"P{n}").pk for n in range(11)]
    action = act("add_tag", {"tag": "tea"}, crowd, by=ada)
    assert (action.state, action.done_count, action.total_count) == (BulkAction.State.RUNNING, 0, 11)
    with pytest.raises(BulkError):
        undo(action, by=ada)

    acting._step(action)  # and the worker dies
    assert Tag.objects.count() == 4
    assert go_on(kettle) > now()

    action.refresh_from_db()
    assert (action.state, action.changed_count, Tag.objects.count()) == (BulkAction.State.DONE, 11, 11)
    undo(action, by=ada)
    go_on(kettle)
    assert not Tag.objects.exists()


@pytest.mark.parametrize("number", range(13))
def test_a_verb_costs_the_same_for_one_and_for_fifty(world, ada, number):
    verb, argument = arguments(world)[number]

    def statements(count):
        crowd = [make_contact(tags=["vip"], roles=[2], owner_id=ada.pk).pk for _ in range(count)]
        for one in crowd:
            give_consent(Contact.objects.get(pk=one), topic=world["topic"])
            FieldValue.objects.create(contact_id=one, name="cups", number=2)
        with CaptureQueriesContext(connection) as asked:
            action = act(verb, argument, crowd, by=ada)
            undo(action, by=ada)
        assert action.changed_count == count
        return len(asked)

    statements(2)
    # A list may be looked at whole where those who came to it are much of the workspace.
    assert abs(statements(3) - statements(50)) <= (verb == "add_to_list")


class TestPage:
    @pytest.fixture
    def outside(self, kettle):
        with working_in(kettle):
            return [make_contact(name, f"{name}@people.example").pk for name in ("ann", "ben", "cyd")]

    def tags(self, kettle):
        with working_in(kettle):
            return sorted(Tag.objects.values_list("contact__name", "name"))

    def test_the_ticked_get_it_with_one_line_and_undo(self, as_ada, kettle, outside):
        page = as_ada.post(f"{LIST}bulk/", {"do": "add_tag", "tag": "tea", "who": outside[:2]}, follow=True)

        assert "Tag “tea” added: 2 people." in page.text
        assert "Nobody was emailed." in page.text
        assert self.tags(kettle) == [("ann", "tea"), ("ben", "tea")]
        with working_in(kettle):
            action = BulkAction.objects.get()
            assert AuditEntry.objects.filter(action="people.changed", target_id=action.pk).exists()
        back = as_ada.post(f"{LIST}bulk/{action.pk}/undo/", {"view": "view=0"}, follow=True)
        assert "Taken back for 2 people" in back.text
        assert self.tags(kettle) == []

    @pytest.mark.parametrize(
        "gone", ['f={"segment":{"id":99,"in":true}}', "segment=99", "role=77", "f=nonsense", "quality=x"]
    )
    def test_a_filter_that_is_gone_does_not_make_it_everybody(self, as_ada, kettle, outside, gone):
        """A segment was deleted while its people stood on the page: without it the list would be all there are."""
        posts = [
            as_ada.post(f"{LIST}bulk/", {"do": "add_tag", "tag": "tea", "everybody": "1", "view": gone}),
            as_ada.post(f"{LIST}keep/", {"view": gone, "name": "Kept", "as": "list"}),
            as_ada.post(f"{LIST}keep/", {"view": gone, "name": "Kept", "as": "rule"}),
            as_ada.get(f"{LIST}export.csv?{gone}"),
        ]

        assert [one.status_code for one in posts] == [422] * 4
        assert all("Nothing was changed" in one.text for one in posts)
        assert self.tags(kettle) == []
        with working_in(kettle):
            assert not Segment.objects.exists()
            assert not BulkAction.objects.exists()

    def test_everybody_who_fits_gets_it_by_the_rule_as_it_stood(self, as_ada, kettle, outside):
        with working_in(kettle):
            Tag.objects.create(contact_id=outside[0], name="vip")

        as_ada.post(f"{LIST}bulk/", {"do": "add_tag", "tag": "vip", "everybody": "1", "view": HAS_NO_TAG})

        assert self.tags(kettle) == [("ann", "vip"), ("ben", "vip"), ("cyd", "vip")]
        with working_in(kettle):
            assert BulkAction.objects.get().total_count == 2

    @pytest.mark.parametrize(
        "post",
        [
            {"do": "add_tag", "tag": "tea"},
            {"do": "add_tag", "tag": "tea", "who": ["x", "999999"]},
            {"do": "add_tag", "tag": " ", "everybody": "1"},
            {"do": "add_role", "role": "9", "everybody": "1"},
            {"do": "set_field", "field": "email", "value": "x", "everybody": "1"},
            {"do": "set_field", "field": "name", "value": "x", "everybody": "1"},
            {"do": "set_field", "field": "country", "value": "Germany", "everybody": "1"},
            {"do": "set_field", "field": "zone", "value": "Mars/Base", "everybody": "1"},
            {"do": "set_field", "field": "cups", "value": "many", "everybody": "1"},
            {"do": "withdraw", "topic": "nonsense", "reason": "r", "everybody": "1"},
            {"do": "withdraw", "topic": "letter", "reason": "", "everybody": "1"},
            {"do": "end_consents", "ends": "", "everybody": "1"},
            {"do": "end_consents", "ends": "2020-01-01", "everybody": "1"},
            {"do": "end_consents", "ends": "2026-13-45", "everybody": "1"},
            {"do": "end_consents", "ends": "9999-12-31", "everybody": "1"},
            {"do": "add_to_list", "list": "77", "everybody": "1"},
            {"do": "give_consent", "everybody": "1"},
            {},
        ],
    )
    def test_what_cannot_be_done_is_said_and_nothing_changes(self, as_ada, kettle, outside, post):
        with working_in(kettle):
            FieldValue.objects.create(contact_id=outside[0], name="cups", number=4)

        assert as_ada.post(f"{LIST}bulk/", post).status_code == 422
        with working_in(kettle):
            assert not BulkAction.objects.exists()

    def test_only_who_edits_does_and_nobody_undoes_for_others(self, as_ada, member, kettle, outside):
        as_ada.post(f"{LIST}bulk/", {"do": "add_tag", "tag": "tea", "who": outside})
        with working_in(kettle):
            pk = BulkAction.objects.get().pk

        assert member(Role.ANALYST).post(f"{LIST}bulk/", {"do": "add_tag"}).status_code == 403
        assert member(Role.MARKETER).post(f"{LIST}bulk/{pk}/undo/").status_code == 404
        assert member(Role.ADMIN).post(f"{LIST}bulk/{pk}/undo/").status_code == 302

    def test_a_page_says_how_far_it_is(self, as_ada, kettle, outside, monkeypatch):
        monkeypatch.setattr(acting, "FEW", 1)
        page = as_ada.post(f"{LIST}bulk/", {"do": "add_tag", "tag": "tea", "who": outside}, follow=True)
        assert "0 of 3 people. You can leave this page." in page.text
        go_on(kettle)
        with working_in(kettle):
            pk = BulkAction.objects.get().pk

        assert "added: 3 people." in as_ada.get(f"{LIST}bulk/{pk}/").text


class TestFile:
    @pytest.fixture(autouse=True)
    def somebody(self, kettle):
        with working_in(kettle):
            ann = make_contact("=cmd()", "ann@people.example", tags=["vip"], city="Ulm")
            make_contact("Ben", "ben@people.example")
            FieldValue.objects.create(contact=ann, name="cups", number=4)

    def text(self, answer):
        return b"".join(answer.streaming_content).decode()

    def test_holds_what_the_list_shows(self, as_ada, kettle):
        as_ada.post(f"{LIST}columns/", {"c": ["roles", "custom:cups", "field:city"]})
        query = urlencode({"f": json.dumps({"tag": {"has_any": ["vip"]}})})

        table = self.text(as_ada.get(f"{LIST}export.csv?{query}"))
        lines = self.text(as_ada.get(f"{LIST}export.jsonl?{query}")).splitlines()

        head, *rows = csv.reader(io.StringIO(table.lstrip("\ufeff")))
        assert head == ["id", "name", "email", "Roles and tags", "cups", "city"]
        assert [row[1:] for row in rows] == [["'=cmd()", "ann@people.example", "vip", "4", "Ulm"]]
        assert [json.loads(line)["custom:cups"] for line in lines] == ["4"]
        assert json.loads(lines[0])["name"] == "=cmd()"
        with working_in(kettle):
            assert AuditEntry.objects.filter(action="people.exported").count() == 2

    def test_is_for_who_sees_names(self, as_ada, member):
        assert member(Role.ANALYST).get(f"{LIST}export.csv").status_code == 403
        assert member(Role.COLLEAGUE).get(f"{LIST}export.jsonl").status_code == 403
        assert as_ada.get(f"{LIST}export.exe").status_code == 404


def test_no_verb_is_left_out_here(world):
    assert set(VERBS) == {name for name, _argument in arguments(world)}


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "-Infinity"])
def test_what_is_no_number_is_refused_for_many(inside, people, value):
    FieldValue.objects.create(contact_id=people[0], name="cups", number=4)
    post = QueryDict(mutable=True)
    post.update({"field": "cups", "value": value})
    with pytest.raises(BulkError):
        VERBS["set_field"].read(post)
