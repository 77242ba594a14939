"""Who looks after whom: on the page, on the list, in rules, files and the API, and when a member leaves."""

import json

import pytest
from django.utils.translation import override

from contacts.models import Contact
from contacts.owning import NoMemberError, set_owner
from lib.sql import run_text
from segments.builder.wording import understand
from segments.leaf_types.owner import OwnerLeaf
from segments.members.membership import refresh
from segments.members.rechecking import recheck_due
from segments.models import Segment, SegmentMember
from segments.rules.compiler import compile_rule
from segments.words.saying import sentence_of
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry, Membership

LIST = "/w/kettle/contacts/"


def who(rule) -> set[str]:
    compiled = compile_rule({"all": [rule]})
    ids = [row[0] for row in run_text(compiled.sql, compiled.params)]
    return set(Contact.objects.filter(pk__in=ids).values_list("name", flat=True))


@pytest.fixture
def people(kettle, ada, bob):
    with working_in(kettle):
        return make_contact("Ann", owner_id=ada.pk), make_contact("Ben", owner_id=bob.pk), make_contact("Cid")


def test_a_member_looks_after_somebody_and_nobody_else_may(inside, ada, eve):
    ann = make_contact("Ann")

    set_owner(ann, ada.pk, by=ada)
    set_owner(ann, ada.pk, by=ada)

    assert Contact.objects.get().owner_id == ada.pk
    assert AuditEntry.objects.filter(action="contact.owned").count() == 1
    with pytest.raises(NoMemberError):
        set_owner(ann, eve.pk, by=ada)
    set_owner(ann, None, by=ada)
    assert Contact.objects.get().owner_id is None


def test_the_page_of_a_person_says_and_changes_it(as_ada, kettle, people, bob, eve):
    page = f"{LIST}{people[2].pk}/"

    assert "Nobody looks after them" in as_ada.get(page).content.decode()
    done = as_ada.post(f"{page}owner/", {"owner": bob.pk}, headers={"HX-Request": "true"}).content.decode()
    assert "Bob Marsh looks after them" in done
    for said in (eve.pk, "²", "-1", "99999999999999999999"):
        assert "Nothing was changed" in as_ada.post(f"{page}owner/", {"owner": said}, follow=True).content.decode()
    assert as_ada.post(f"{page}owner/", {"owner": ""}).status_code == 302
    with working_in(kettle):
        assert Contact.objects.get(name="Cid").owner_id is None


def test_rules_ask_for_mine_nobodys_and_a_colleagues(inside, people, ada, bob):
    assert who({"owner": {"in": [ada.pk]}}) == {"Ann"}
    assert who({"owner": {"nobody": True}}) == {"Cid"}
    assert who({"owner": {"in": [bob.pk], "nobody": True}}) == {"Ben", "Cid"}
    assert who({"not": {"owner": {"in": [ada.pk, bob.pk]}}}) == {"Cid"}
    leaf = OwnerLeaf.open({"in": [ada.pk]})
    assert str(leaf.phrase()) == "owner is Ada Berg"
    assert [leaf.evidence([one.pk]).holds for one in people] == [True, False, False]
    assert "left" in str(OwnerLeaf.open({"in": [10**9]}).phrase())


@pytest.mark.parametrize(
    ("language", "sentence", "node"),
    [
        ("en", "who are owned by “Ada Berg”", "ada"),
        ("en", "customers looked after by nobody", "nobody"),
        ("de", "die von „Ada Berg“ betreut werden", "ada"),
        ("de", "Kunden, die von niemandem betreut werden", "nobody"),
    ],
)
def test_a_sentence_knows_it(inside, people, ada, settings, language, sentence, node):
    wanted = {"owner": {"nobody": True} if node == "nobody" else {"in": [ada.pk]}}
    with override(language):
        understood = understand(sentence)
        assert wanted in understood.rule["all"]
        assert understand(sentence_of({"all": [wanted]}, language)).rule == {"all": [wanted]}


def test_a_segment_follows_at_once(kettle, people, ada, bob):
    with working_in(kettle):
        segment = Segment.objects.create(name="Mine", rule={"all": [{"owner": {"in": [ada.pk]}}]})
        refresh(segment)
        set_owner(people[1], ada.pk, by=ada)
    recheck_due(kettle)
    with working_in(kettle):
        assert SegmentMember.objects.filter(segment=segment).count() == 2


def test_the_list_changes_the_owner_of_everybody_who_fits_and_takes_it_back(as_ada, kettle, people, ada, bob):
    line = json.dumps({"owner": {"nobody": True}})

    done = as_ada.post(
        f"{LIST}bulk/", {"do": "set_owner", "owner": bob.pk, "everybody": "1", "view": f"f={line}"}, follow=True
    )
    assert "Owner is Bob Marsh" in done.content.decode()
    with working_in(kettle):
        assert Contact.objects.get(name="Cid").owner_id == bob.pk
    action = done.context["actions"][0].row.pk
    assert as_ada.post(f"{LIST}bulk/{action}/undo/", {"view": ""}).status_code == 302
    with working_in(kettle):
        assert Contact.objects.get(name="Cid").owner_id is None
    assert as_ada.post(f"{LIST}bulk/", {"do": "set_owner", "owner": "77777", "who": [people[0].pk]}).status_code == 422


def test_who_leaves_hands_on_what_is_theirs_said_before(as_ada, kettle, people, ada, bob, eve):
    with working_in(kettle):
        membership = Membership.objects.get(user=bob)
    page = as_ada.get("/w/kettle/settings/members/").content.decode()
    out = f"/w/kettle/settings/members/{membership.pk}/remove/"

    assert "Bob Marsh looks after 1 person" in page
    assert "no member here" in as_ada.post(out, {"to": eve.pk}, follow=True).content.decode()
    assert Membership.objects.filter(pk=membership.pk).exists()
    as_ada.post(out, {"to": ada.pk})

    with working_in(kettle):
        assert dict(Contact.objects.values_list("name", "owner_id")) == {"Ann": ada.pk, "Ben": ada.pk, "Cid": None}


def test_without_a_colleague_they_are_nobodys(as_ada, kettle, people, bob):
    with working_in(kettle):
        pk = Membership.objects.get(user=bob).pk

    as_ada.post(f"/w/kettle/settings/members/{pk}/remove/")

    with working_in(kettle):
        assert Contact.objects.get(name="Ben").owner_id is None


def test_roles_that_may_not_edit_see_the_owner_only(member, kettle, people, ada):
    page = f"{LIST}{people[0].pk}/"

    analyst = member("analyst")

    assert "Ada Berg looks after them" in analyst.get(page).content.decode()
    assert analyst.post(f"{page}owner/", {"owner": ada.pk}).status_code == 403
    assert member("colleague").post(f"{page}owner/", {"owner": ada.pk}).status_code == 403
    assert member("community").post(f"{page}owner/", {"owner": ""}).status_code == 302
