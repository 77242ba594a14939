"""What means more people than anybody waits for: made by the agenda, piece by piece, whatever ends a worker in between."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.companies.keeping import create_company, edit_company, merge_companies
from contacts.companies.positions import add_position
from contacts.custom_fields.defining import BadFieldError, define_field
from contacts.custom_fields.entering import enter_values
from contacts.custom_fields.retyping import UnsafeChangeError, change_type, declare_held
from contacts.long_changes import beginning, going_on
from contacts.long_changes.going_on import go_on, make_piece
from contacts.models import Contact, FieldChange, FieldDefinition, FieldValue, LongChange, Position
from contacts.owning import hand_on_people
from contacts.searching import find_people
from lib.clock import now
from tests.factories.contacts import make_contact
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry, Membership, Role, User

FIELD = "/w/kettle/contacts/fields/"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    """Three people are more than anybody waits for; two have their turn at a time."""
    for place in ("contacts.custom_fields.retyping", "contacts.owning", "contacts.companies.following"):
        monkeypatch.setattr(f"{place}.AT_ONCE", 2)
    monkeypatch.setattr("contacts.companies.keeping.AT_ONCE", 2)
    monkeypatch.setattr(going_on, "A_PIECE", 2)


def crowd(*texts: str, **facts) -> list[Contact]:
    return [make_contact(f"P{n}", custom={"cups": text}, **facts) for n, text in enumerate(texts)]


def held() -> list[tuple[str, float | None]]:
    return list(FieldValue.objects.filter(name="cups").order_by("contact").values_list("text", "number"))


def test_the_values_of_many_become_the_new_type_by_the_agenda(inside, kettle, ada):
    crowd("1,5", "2,5", "many", "3,5", "4,5")
    field = define_field("cups", by=ada)

    done = change_type(field, "number", answers={"many": ""}, by=ada)

    assert (done.is_long, FieldDefinition.objects.get().type) == (True, "number")
    assert held()[0] == ("1,5", None)
    assert agenda.do_work(kettle, beginning.WORK)
    assert held() == [("1.5", 1.5), ("2.5", 2.5), ("3.5", 3.5), ("4.5", 4.5)]
    change = LongChange.objects.get()
    assert (change.state, change.done_count, change.total_count, change.kept_count) == (1, 5, 5, 0)
    assert "answers" not in change.argument  # words that people held
    assert set(FieldChange.objects.values_list("source", "by_id")) == {("changed for many", ada.pk)}
    assert AuditEntry.objects.filter(action="field.type_changed").count() == 1


def test_a_change_goes_on_where_a_dead_worker_left_it(inside, kettle, ada):
    crowd("1,5", "2,5", "3,5", "4,5", "5,5")
    change_type(define_field("cups", by=ada), "number", by=ada)
    change = LongChange.objects.get()

    make_piece(change)  # and the worker dies
    assert [number for _text, number in held()] == [1.5, 2.5, None, None, None]
    with working_in(kettle):
        enter_values(Contact.objects.get(name="P4"), {"cups": "7"}, by=ada)
        FieldValue.objects.filter(contact__name="P3").update(text="lots", folded="lots")  # by who read the old type
    go_on(kettle)
    go_on(kettle)

    assert held() == [("1.5", 1.5), ("2.5", 2.5), ("3.5", 3.5), ("lots", None), ("7", 7)]
    change.refresh_from_db()
    assert (change.state, change.done_count, change.kept_count) == (1, 5, 1)


def test_what_does_not_fit_begins_nothing_and_a_second_change_waits(inside, kettle, ada):
    crowd("1,5", "2,5", "3,5", "many")
    field = define_field("cups", by=ada)

    with pytest.raises(UnsafeChangeError):
        change_type(field, "number", by=ada)
    assert not LongChange.objects.exists()
    change_type(field, "number", answers={"many": "4"}, by=ada)
    with pytest.raises(BadFieldError, match="0 of 4 people"):
        change_type(field, "text", by=ada)
    go_on(kettle)
    change_type(field, "text", by=ada)
    go_on(kettle)

    assert [text for text, _number in held()] == ["1.5", "2.5", "3.5", "4"]


def test_a_field_declared_of_what_many_hold_follows_too(inside, kettle, ada):
    crowd("Ja", "nein", "JA")

    declare_held("cups", type="yes_no", by=ada)
    go_on(kettle)

    assert [text for text, _number in held()] == ["yes", "no", "yes"]


def test_the_pages_say_how_far_it_is(as_ada, kettle, ada, member):
    with working_in(kettle):
        crowd("1,5", "2,5", "3,5")
        field = define_field("cups", by=ada)

    page = as_ada.post(f"{FIELD}{field.pk}/type/", {"type": "number"}, follow=True).content.decode()

    assert "Those that people have follow" in page
    assert "0 of 3 people. You can leave this page." in page
    assert "0 of 3 people" in as_ada.get(FIELD).content.decode()
    with working_in(kettle):
        pk = LongChange.objects.get().pk
    line = f"/w/kettle/contacts/changes/{pk}/"
    assert "0 of 3" in member("analyst").get(line).content.decode()
    assert member("colleague").get(line).status_code == 403
    assert as_ada.get("/w/kettle/contacts/changes/999999/").status_code == 404
    go_on(kettle)
    assert "done for 3 people" in as_ada.get(line).content.decode()
    assert "of 3 people" not in as_ada.get(FIELD).content.decode()


def test_no_other_workspace_sees_it(as_eve, kettle, ada):
    with working_in(kettle):
        crowd("1,5", "2,5", "3,5")
        change_type(define_field("cups", by=ada), "number", by=ada)
        pk = LongChange.objects.get().pk

    assert as_eve.get(f"/w/kettle/contacts/changes/{pk}/").status_code == 404
    assert as_eve.get(f"/w/eves/contacts/changes/{pk}/").status_code == 404


def test_the_people_of_a_member_who_leaves_follow_and_the_page_says_so(as_ada, kettle, ada, bob):
    with working_in(kettle):
        crowd("1", "2", "3", owner_id=bob.pk)
        out = f"/w/kettle/settings/members/{Membership.objects.get(user=bob).pk}/remove/"

    page = as_ada.post(out, {"to": ada.pk}, follow=True).content.decode()

    assert "The people of Bob Marsh go to Ada Berg" in page
    assert "0 of 3 people" in page
    go_on(kettle)
    with working_in(kettle):
        assert set(Contact.objects.values_list("owner_id", flat=True)) == {ada.pk}


def test_who_takes_over_may_leave_too_before_it_is_done(inside, kettle, ada, bob):
    cyd = User.objects.create_user("cyd@people.example", name="Cyd")
    Membership.objects.create(workspace=kettle, user=cyd, role=Role.MARKETER)
    crowd("1", "2", "3", owner_id=bob.pk)
    hand_on_people(bob.pk, cyd.pk, ada)
    make_piece(LongChange.objects.get())

    hand_on_people(cyd.pk, ada.pk, ada)
    Membership.objects.filter(user=cyd).delete()
    go_on(kettle)

    assert set(Contact.objects.values_list("owner_id", flat=True)) == {ada.pk}


def test_whom_somebody_took_over_by_hand_meanwhile_stays_theirs(inside, kettle, ada, bob):
    people = crowd("1", "2", "3", owner_id=bob.pk)
    hand_on_people(bob.pk, None, ada)
    Contact.objects.filter(pk=people[2].pk).update(owner_id=ada.pk)

    go_on(kettle)

    assert list(Contact.objects.order_by("pk").values_list("owner_id", flat=True)) == [None, None, ada.pk]


def test_everybody_at_a_company_is_found_by_its_new_name_after_a_while(inside, kettle, ada):
    company, other = create_company("Teehaus", by=ada), create_company("Kannen AG", by=ada)
    people = crowd("1", "2", "3")
    for one in people:
        add_position(one, company, by=ada)

    edit_company(company, name="Samowar", by=ada)
    assert find_people("samowar") == []
    go_on(kettle)
    assert sorted(find_people("samowar")) == [one.pk for one in people]
    merge_companies(other, company, by=ada)
    go_on(kettle)

    assert sorted(find_people("kannen")) == [one.pk for one in people]
    assert find_people("samowar") == []


def test_positions_of_one_person_are_not_several_people(inside, kettle, ada, monkeypatch):
    monkeypatch.setattr("contacts.companies.following.AT_ONCE", 3)
    company = create_company("Teehaus", by=ada)
    ann, ben, cyd = crowd("1", "2", "3")
    for one, role in ((ann, "Cook"), (ann, "Host"), (ann, "Owner"), (ben, "Cook"), (cyd, "Cook")):
        Position.objects.create(contact=one, company=company, role_there=role, until=None if role == "Cook" else now())

    edit_company(company, name="Samowar", by=ada)

    assert not LongChange.objects.exists()
    assert sorted(find_people("samowar")) == [ann.pk, ben.pk, cyd.pk]


def test_a_change_that_always_fails_ends_with_its_reason_and_the_next_goes_on(as_ada, kettle, ada, bob):
    with working_in(kettle):
        crowd("1,5", "2,5", "3,5", owner_id=bob.pk)
        field = define_field("cups", by=ada)
        change_type(field, "number", by=ada)
        hand_on_people(bob.pk, ada.pk, ada)
        first, second = LongChange.objects.order_by("pk")
        LongChange.objects.filter(pk=first.pk).update(argument={"answers": {"x": "y"}})  # it names no field any more
    for _ in range(going_on.MOST_TRIES - 1):
        with pytest.raises(KeyError):
            go_on(kettle)

    go_on(kettle)

    with working_in(kettle):
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, first.trouble, first.argument) == (
            LongChange.State.FAILED,
            "cannot be stored: KeyError",
            {},
        )
        assert second.state == LongChange.State.DONE
        LongChange.objects.filter(pk=first.pk).update(argument={"field": field.pk, "label": "Cups", "type": "number"})
    page = as_ada.get(f"{FIELD}{field.pk}/").text
    assert "stopped after five attempts at 0 of 3 people." in page
    assert "KeyError" in page


def test_what_is_done_is_forgotten_after_a_day_and_a_piece_costs_the_same_for_fifty(
    inside, kettle, ada, bob, monkeypatch
):
    def statements(count: int) -> int:
        monkeypatch.setattr(going_on, "A_PIECE", count)
        for _ in range(count):
            make_contact(custom={"cups": "1,5"}, owner_id=bob.pk)
        field = FieldDefinition.objects.first() or define_field("cups", by=ada)
        FieldDefinition.objects.update(type="number")
        begun = [
            beginning.begin(beginning.RETYPE, {"field": field.pk, "label": "Cups", "type": "number"}, count, by=ada),
            beginning.begin(beginning.HAND_ON, {"from": bob.pk, "to": ada.pk}, count, by=ada),
        ]
        with CaptureQueriesContext(
            connection,
        ) as caught:
            for one in begun:
                make_piece(one)
        return len(caught)

    statements(1)
    assert statements(1) == statements(50)
    LongChange.objects.update(at="2020-01-01T00:00:00Z", state=1)
    assert go_on(kettle) is None
    assert not LongChange.objects.exists()
    assert AgendaItem.objects.filter(work=beginning.WORK).exists()
