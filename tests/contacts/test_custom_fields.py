"""Fields that a workspace declares: their types, what people hold, and changing both without losing a value unasked."""

import json
import math
from urllib.parse import urlencode

import pytest
from django.utils.translation import override

from consent.sign_up_forms.questions import make_question, read_questions
from contacts.custom_fields.defining import (
    BadFieldError,
    add_choice,
    archive_choice,
    archive_field,
    define_field,
    move_field,
    rename_field,
    restore_field,
)
from contacts.custom_fields.entering import BadValuesError, enter_values, values_of
from contacts.custom_fields.knowing import active_fields, count_held
from contacts.custom_fields.retyping import UnsafeChangeError, change_type, check_type, declare_held
from contacts.custom_fields.values import BadValueError, read_value
from contacts.enriching import enrich
from contacts.merging import link_contacts
from contacts.models import Contact, FieldDefinition, FieldValue
from lib.sql import run_text
from segments.builder.suggesting import suggest
from segments.builder.wording import understand
from segments.leaf_types.field import FieldForm, FieldLeaf
from segments.members.membership import refresh
from segments.models import PeopleView, Segment
from segments.rules.compiler import compile_rule
from segments.words.saying import sentence_of
from tests.factories.contacts import make_contact
from tests.factories.sign_up_forms import make_form
from workspaces.current import working_in

FIELDS = "/w/kettle/contacts/fields/"


def define(name="cups", **facts):
    return define_field(name, **facts, by=None)


def held(name) -> dict[str, list]:
    rows = FieldValue.objects.filter(name=name).select_related("contact")
    return {row.contact.name: [row.text, row.number] for row in rows}


@pytest.mark.parametrize(
    ("kind", "said", "text"),
    [
        ("number", "1,5", "1.5"),
        ("number", "1.234,5", "1234.5"),
        ("number", "1,234.5", "1234.5"),
        ("number", " 12 000 ", "12000"),
        ("number", 3, "3"),
        ("number", "0,125", "0.125"),
        ("date", "2026-05-31", "2026-05-31"),
        ("date", "31.5.2026", "2026-05-31"),
        ("yes_no", "Ja", "yes"),
        ("yes_no", "FALSE", "no"),
        ("yes_no", True, "yes"),
        ("yes_no", 0, "no"),
        ("text", 5, "5"),
        ("choice", "GOLD", "Gold"),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(inside, kind, said, text):
    field = define(type=kind, choices=["Gold", "Silver"])

    assert read_value(field, said).text == text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        *[
            ("number", one)
            for one in (math.nan, math.inf, "NaN", "1e400", "Infinity", True, "1,234", "12a", 10**400, "١٢")
        ],
        *[
            ("date", one)
            for one in ("0000-01-01", "1899-12-31", "2201-01-01", "2026-02-30", "yesterday", "9999-99-99T", 5)
        ],
        *[("yes_no", one) for one in ("maybe", "2", 2, "yesno")],
        *[("choice", one) for one in ("Bronze", "gold ish", True)],
        ("text", "x" * 10_000),
        ("number", "9" * 10_000),
        ("date", "2" * 10_000),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_that_is_short(inside, kind, said):
    field = define(type=kind, choices=["Gold", "Silver"])

    with pytest.raises(BadValueError) as refused:
        read_value(field, said)
    assert 10 < len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["", "  ", "123", "email", "E-Mail", "firstName", "First Name", "x" * 81, "\u200b"])
def test_a_name_that_cannot_be_is_refused(inside, name):
    with pytest.raises(BadFieldError):
        define(name)


def test_two_fields_never_differ_only_in_case(inside):
    define("Cups")

    with pytest.raises(BadFieldError, match="already"):
        define("cUPS")


def test_choices_that_differ_only_in_case_are_refused(inside):
    with pytest.raises(BadFieldError, match="only in case"):
        define(type="choice", choices=["Gold", "gold"])
    with pytest.raises(BadFieldError, match="at least one"):
        define(type="choice", choices=["  "])
    field = define(type="choice", choices=["Straße"])
    with pytest.raises(BadFieldError, match="only in case"):
        add_choice(field, "STRASSE", by=None)


def test_choices_are_added_archived_and_offered_again(inside):
    field, ada = define(type="choice", choices=["Gold", "Silver"]), make_contact("Ann")
    enter_values(ada, {"cups": "gold"}, by=None)

    archive_choice(field, "Gold", by=None)

    assert field.offered == ["Silver"]
    with pytest.raises(BadFieldError, match="another one first"):
        archive_choice(field, "Silver", by=None)
    with pytest.raises(BadValuesError, match="archived"):
        enter_values(make_contact("Ben"), {"cups": "Gold"}, by=None)
    assert enter_values(ada, {"cups": "Gold"}, by=None) == []
    assert held("cups") == {"Ann": ["Gold", None]}
    add_choice(field, "Gold", by=None)
    assert field.offered == ["Gold", "Silver"]


def test_a_machine_and_a_website_are_read_by_the_type_too(inside):
    define(type="number"), define("plan", type="choice", choices=["Gold"]), define("vip", type="yes_no")
    ann, ben = make_contact("Ann"), make_contact("Ben")

    enrich([(ann.pk, {"cups": "1,5", "Plan": "gold", "VIP": True, "tea": "Assam"}), (ben.pk, {"cups": "many"})])

    assert dict(FieldValue.objects.filter(contact=ann).values_list("name", "text")) == {
        "cups": "1.5", "plan": "Gold", "vip": "yes", "tea": "Assam",
    }  # fmt: skip
    assert held("cups") == {"Ann": ["1.5", 1.5]}


def test_another_type_says_what_does_not_fit_and_changes_nothing_until_it_is_answered(inside):
    field = define()
    for name, text in {"Ann": "3", "Ben": "4,5", "Cid": "many", "Dan": "many", "Eli": "none"}.items():
        make_contact(name, custom={"cups": text})
    before = held("cups")

    with pytest.raises(UnsafeChangeError) as refused:
        change_type(field, "number", by=None)

    check = refused.value.check
    assert [(one.text, one.people, len(one.contact_ids)) for one in check.unfit] == [("many", 2, 2), ("none", 1, 1)]
    assert held("cups") == before
    assert FieldDefinition.objects.get().type == "text"
    with pytest.raises(UnsafeChangeError):
        change_type(field, "number", answers={"many": "7"}, by=None)
    with pytest.raises(UnsafeChangeError):
        change_type(field, "number", answers={"many": "lots", "none": ""}, by=None)
    change_type(field, "number", answers={"many": "7", "none": ""}, by=None)

    assert held("cups") == {"Ann": ["3", 3], "Ben": ["4.5", 4.5], "Cid": ["7", 7], "Dan": ["7", 7]}
    change_type(field, "text", by=None)
    assert held("cups") == {"Ann": ["3", None], "Ben": ["4.5", None], "Cid": ["7", None], "Dan": ["7", None]}


def test_a_safe_change_needs_no_answer_and_tells_whom_it_changed(inside, monkeypatch):
    for number in range(3):
        make_contact(custom={"vip": ["yes", "Ja", "nein"][number]})
    field = define("vip")
    told = []
    monkeypatch.setattr(
        "contacts.custom_fields.retyping.contacts_changed.tell", lambda contact_ids: told.extend(contact_ids)
    )

    done = change_type(field, "yes_no", by=None)

    assert (done.fitting, done.rewritten, len(told)) == (1, 2, 2)
    assert {row.text for row in FieldValue.objects.all()} == {"yes", "no"}


def test_choices_guessed_from_what_people_hold_are_written_as_the_first_of_them(inside):
    for text in ("Gold", "gold", "Silver"):
        make_contact(custom={"plan": text})

    declare_held("plan", type="choice", choices=["Gold", "Silver"], by=None)

    assert sorted(FieldValue.objects.values_list("text", flat=True)) == ["Gold", "Gold", "Silver"]


def test_numbers_of_files_keep_how_they_were_written(inside):
    contact = make_contact()
    FieldValue.objects.create(contact=contact, name="cups", text="1.234,50", number=1234.5)

    check = check_type("cups", FieldDefinition(name="cups", type="number"))

    assert (check.fitting, check.rewritten, check.is_safe) == (1, 0, True)


def test_held_names_are_counted_once_a_person_with_a_guess(inside):
    ann, ben, cid = (make_contact(name, custom={"tea": "Assam", "cups": 2}) for name in ("Ann", "Ben", "Cid"))
    link_contacts(ben.pk, ann.pk), link_contacts(cid.pk, ann.pk)
    make_contact("Dan", custom={"vip": "yes", "tea": "Oolong"})

    assert count_held() == [["cups", 1, "number"], ["tea", 2, "text"], ["vip", 1, "yes_no"]]


def test_merged_people_are_one_and_an_emptied_field_is_empty(inside):
    define(type="number"), define("plan")
    ann, ben = make_contact("Ann"), make_contact("Ben")
    enter_values(ben, {"cups": 4, "plan": "b"}, by=None)
    link_contacts(ben.pk, ann.pk)

    assert [(one.field.name, one.shown) for one in values_of(ann, active_fields())] == [("cups", "4"), ("plan", "b")]
    assert enter_values(ann, {"cups": None}, by=None) == ["cups"]
    assert [one.field.name for one in values_of(ann, active_fields())] == ["plan"]


def test_renamed_moved_archived_restored(inside):
    one, two = define("one"), define("two")

    rename_field(one, "The first", by=None)
    move_field(two, up=True)
    move_field(two, up=True)

    assert [field.label for field in active_fields()] == ["two", "The first"]
    with pytest.raises(BadFieldError, match="already"):
        rename_field(two, "The first", by=None)
    archive_field(two, by=None)
    assert [field.name for field in active_fields()] == ["one"]
    with pytest.raises(BadFieldError, match="restore"):
        define("two")
    restore_field(two, by=None)
    assert len(active_fields()) == 2


def test_the_page_declares_orders_and_leads_to_the_people(as_ada, kettle):
    with working_in(kettle):
        make_contact("Ann", custom={"tea": "Assam"})

    empty = as_ada.get(FIELDS).content.decode()
    made = as_ada.post(
        FIELDS, {"name": "Plan", "type": "choice", "choices": "Gold\nSilver"}, follow=True
    ).content.decode()

    assert "No field is declared yet" in empty
    assert "tea" in empty
    assert "Gold, Silver" in made
    assert as_ada.post(FIELDS, {"name": "plan", "type": "text"}).status_code == 422
    assert as_ada.post(FIELDS, {"name": "x", "type": "choice", "choices": "A\na"}).status_code == 422
    assert as_ada.post(FIELDS, {"name": "tea", "type": "text"}).url.startswith(f"{FIELDS}declare/")
    with working_in(kettle):
        pk = FieldDefinition.objects.get().pk
    for what in ("up", "down", "archive", "restore"):
        assert as_ada.post(f"{FIELDS}{pk}/{what}/").status_code == 302
    assert as_ada.post(f"{FIELDS}{pk}/add-choice/", {"choice": "Bronze"}).status_code == 302
    assert as_ada.post(f"{FIELDS}{pk}/nonsense/").status_code == 404
    page = as_ada.get(f"{FIELDS}{pk}/").content.decode()
    assert "Bronze" in page
    line = json.dumps({"field": {"name": "tea", "op": "set"}})
    assert "Ann" in as_ada.get("/w/kettle/contacts/", {"f": line}).content.decode()


def test_what_nobody_declared_is_declared_with_a_word_on_each_value_that_does_not_fit(as_ada, kettle):
    with working_in(kettle):
        for name, text in {"Ann": "3", "Ben": "many"}.items():
            make_contact(name, custom={"cups": text})
    asked = {"name": "cups", "type": "number"}

    page = as_ada.get(f"{FIELDS}declare/", asked).content.decode()
    refused = as_ada.post(f"{FIELDS}declare/", asked)
    done = as_ada.post(f"{FIELDS}declare/", {**asked, "was-0": "many", "becomes-0": "9"}, follow=True).content.decode()

    assert "“many” is no number" in page
    assert "Ben" in page
    assert refused.status_code == 422
    assert "is a field of every contact now" in done
    with working_in(kettle):
        assert held("cups") == {"Ann": ["3", 3], "Ben": ["9", 9]}


def test_another_type_on_its_page(as_ada, kettle):
    with working_in(kettle):
        make_contact("Ann", custom={"when": "tomorrow"})
        field = declare_held("when", type="text", by=None)
    page = f"{FIELDS}{field.pk}/type/"

    assert "tomorrow" in as_ada.get(page, {"type": "date"}).content.decode()
    assert as_ada.post(page, {"type": "date"}).status_code == 422
    assert as_ada.post(page, {"type": "date", "was-0": "tomorrow", "drop-0": "1"}).status_code == 302
    assert as_ada.get(page, {"type": "nonsense"}).status_code == 302
    with working_in(kettle):
        assert FieldValue.objects.count() == 0
        assert FieldDefinition.objects.get().type == "date"


def test_a_persons_page_enters_the_fields_by_their_type(as_ada, kettle):
    with working_in(kettle):
        ann = make_contact("Ann")
        cups, vip = define(type="number"), define("vip", type="yes_no")
        define("<b>plan</b>", type="choice", choices=["<i>Gold</i>"], help_line="<script>1</script>")
    url = f"/w/kettle/contacts/{ann.pk}/values/"

    bad = as_ada.post(url, {f"own-f{cups.pk}": "many", f"own-f{vip.pk}": "yes"}, headers={"HX-Request": "true"})
    good = as_ada.post(url, {f"own-f{cups.pk}": "2,5", f"own-f{vip.pk}": "yes"}, follow=True).content.decode()

    assert bad.status_code == 422
    assert "is no number" in bad.content.decode()
    assert "2.5" in good
    assert "<b>plan</b>" not in good
    assert "<i>Gold" not in good
    assert "<script>1" not in good
    edit = as_ada.get(f"/w/kettle/contacts/{ann.pk}/edit/").content.decode()
    assert f'name="own-f{cups.pk}" value="2.5"' in edit


def test_who_enters_somebody_new_enters_the_fields_at_once(as_ada, kettle):
    with working_in(kettle):
        cups = define(type="number")

    bad = as_ada.post(
        "/w/kettle/contacts/new/", {"name": "Ann", "contact_frequency": 2, "dialogue_mode": 1, f"own-f{cups.pk}": "x"}
    )
    good = as_ada.post(
        "/w/kettle/contacts/new/", {"name": "Ann", "contact_frequency": 2, "dialogue_mode": 1, f"own-f{cups.pk}": "4"}
    )

    assert (bad.status_code, good.status_code) == (422, 302)
    with working_in(kettle):
        assert held("cups") == {"Ann": ["4", 4]}
        assert Contact.objects.filter(name="Ann").count() == 1


@pytest.mark.parametrize("role", ["analyst", "colleague", "community"])
def test_fields_are_declared_by_those_who_shape_the_audience(member, kettle, role):
    client = member(role)

    assert client.get(FIELDS).status_code == 403
    assert client.post(FIELDS, {"name": "x", "type": "text"}).status_code == 403


def test_a_marketer_declares_fields_and_a_stranger_sees_none(member, kettle, as_eve):
    assert member("marketer").get(FIELDS).status_code == 200
    assert as_eve.get(FIELDS).status_code == 404


def test_who_uses_a_field_is_said_and_goes_on_after_another_type(as_ada, kettle, ada, bob):
    rules = [
        {"field": {"name": "cups", "op": ">", "value": 2}},
        {"any": [{"not": {"field": {"name": "cups", "op": "contains", "value": "x"}}}]},
        {"field": {"name": "cups", "op": "=", "value": True}},
        {"field": {"name": "cups", "op": "before", "value": "2026-01-01"}},
        {"field": {"name": "cups", "op": "in", "value": ["1", "2"]}},
    ]
    with working_in(kettle):
        make_contact("Ann", custom={"cups": "3"})
        field = declare_held("cups", type="number", by=None)
        made = [Segment.objects.create(name=f"S{n}", rule={"all": [one]}) for n, one in enumerate(rules)]
        Segment.objects.create(name="Secret", rule={"all": [rules[0]]}, is_private=True, owner_id=bob.pk)
        Segment.objects.create(name="Other", rule={"all": [{"field": {"name": "cup", "op": "set"}}]})
        PeopleView.objects.create(name="Shows it", columns=["custom:cups"], owner_id=ada.pk)
        line = json.dumps({"field": {"name": "cups", "op": "set"}})
        PeopleView.objects.create(name="Narrows by it", query=urlencode({"f": line}), owner_id=bob.pk)
        make_form("Tea news", questions=[make_question("cups")])

    page = as_ada.get(f"{FIELDS}{field.pk}/").content.decode().split('id="uses"', 1)[1]

    for said in ("S0", "S1", "S2", "S3", "S4", "a private segment of somebody else", "Shows it", "Tea news"):
        assert said in page
    assert "a private view of somebody else" in page
    assert "Secret" not in page
    assert "Other" not in page
    for kind in ("text", "date", "yes_no", "choice", "number"):
        with working_in(kettle):
            change_type(field, kind, choices=["1"], answers={"3": "", "1": ""}, by=None)
            for one in made:
                refresh(one)
        for one in made:
            assert as_ada.get(f"/w/kettle/segments/{one.pk}/").status_code == 200
            line = json.dumps(one.rule["all"][0])
            assert as_ada.get("/w/kettle/contacts/", {"f": line}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "op", "said", "value"),
    [
        ("number", ">=", "2,5", 2.5),
        ("number", "=", "4", 4),
        ("date", "before", "31.5.2026", "2026-05-31"),
        ("date", "last_days", "30", 30),
        ("yes_no", "=", "yes", True),
        ("choice", "=", "gold", "Gold"),
        ("choice", "in", "gold, SILVER", ["Gold", "Silver"]),
        ("text", "contains", "x", "x"),
    ],
)
def test_a_line_about_a_declared_field_is_written_by_its_type(inside, kind, op, said, value):
    define(type=kind, choices=["Gold", "Silver"])
    form = FieldForm({"name": "cups", "op": op, "value": said})

    assert form.is_valid(), form.errors
    assert form.argument() == {"name": "cups", "op": op, "value": value}
    assert str(FieldLeaf.open(form.argument()).phrase())


@pytest.mark.parametrize(
    ("kind", "op", "said"),
    [
        ("number", "=", "many"), ("number", "contains", "1"), ("number", "=", ""), ("number", "<", "1e400"),
        ("date", "before", "0000-01-01"), ("date", "last_days", "-1"), ("yes_no", "=", "perhaps"),
        ("yes_no", "!=", "yes"), ("choice", "=", "Bronze"), ("choice", "starts", "G"), ("number", "=", "9" * 500),
    ],
)  # fmt: skip
def test_a_line_that_the_type_cannot_hold_is_refused(inside, kind, op, said):
    define(type=kind, choices=["Gold", "Silver"])

    assert not FieldForm({"name": "cups", "op": op, "value": said}).is_valid()


def test_yes_no_and_choices_are_compared_suggested_and_said(inside):
    define("vip", type="yes_no"), define("Plan", type="choice", choices=["Gold", "Silver"])
    for name, vip, plan in (("Ann", "ja", "gold"), ("Ben", "no", "Silver"), ("Cid", None, None)):
        enter_values(make_contact(name), {"vip": vip, "Plan": plan}, by=None)

    def who(**line):
        compiled = compile_rule({"all": [{"field": line}]})
        ids = [row[0] for row in run_text(compiled.sql, compiled.params)]
        return sorted(Contact.objects.filter(pk__in=ids).values_list("name", flat=True))

    assert who(name="vip", op="=", value=True) == ["Ann"]
    assert who(name="vip", op="=", value=False) == ["Ben"]
    assert who(name="Plan", op="in", value=["GOLD", "Silver"]) == ["Ann", "Ben"]
    assert who(name="Plan", op="!=", value="Gold") == ["Ben", "Cid"]
    assert {"name": "Plan", "op": "=", "value": "Gold"} in list(FieldLeaf.usual())
    assert [str(one.phrase) for one in suggest("plan gold", {"all": []}, (0,))] == ["Plan is Gold"]
    wanted = {"all": [{"field": {"name": "vip", "op": "=", "value": True}}]}
    for language in ("en", "de"):
        with override(language):
            assert understand(sentence_of(wanted, language)).rule == wanted


def test_the_list_shows_files_and_changes_declared_fields(as_ada, kettle):
    with working_in(kettle):
        field, vip = define(type="number", label="Cups a day"), define("vip", type="yes_no")
        ann = make_contact("Ann")
        enter_values(ann, {"cups": 3, "vip": True}, by=None)
    as_ada.post("/w/kettle/contacts/columns/", {"c": ["custom:cups", "custom:vip"]})

    page = as_ada.get("/w/kettle/contacts/").content.decode()
    file = b"".join(as_ada.get("/w/kettle/contacts/export.csv").streaming_content).decode()
    bad = as_ada.post(
        "/w/kettle/contacts/bulk/", {"do": "set_field", "field": "cups", "value": "many", "who": [ann.pk], "view": ""}
    )
    good = as_ada.post(
        "/w/kettle/contacts/bulk/", {"do": "set_field", "field": "cups", "value": "4,5", "who": [ann.pk], "view": ""}
    )

    assert "Cups a day" in page
    assert '"Cups a day","vip"' in file
    assert '"3","yes"' in file
    assert (bad.status_code, good.status_code) == (422, 302)
    with working_in(kettle):
        assert held("cups") == {"Ann": ["4.5", 4.5]}
        archive_field(field, by=None), archive_field(vip, by=None)
    assert "Cups a day" not in as_ada.get("/w/kettle/contacts/").content.decode()


def test_a_sign_up_form_asks_a_declared_field_by_its_type_and_label(inside):
    define("Plan", type="choice", choices=["Gold", "Silver"], label="Which plan?")

    question = make_question("plan", kind="text")
    [read] = read_questions([question.as_row()])

    assert (question.name, question.kind, question.choices) == ("Plan", "choice", ["Gold", "Silver"])
    assert read.label == "Which plan?"
    assert "said" not in question.as_row()


@pytest.mark.parametrize("text", ["01067", "0049", "+4930123450", "12345678901.123456789", "-007"])
def test_what_would_lose_digits_is_no_number(inside, text):
    with pytest.raises(BadValueError, match="lose digits"):
        read_value(define(type="number"), text)


@pytest.mark.parametrize("text", ["0", "0.5", "-0.25", "123456789012345", "1.234,5"])
def test_what_loses_none_is_one(inside, text):
    assert read_value(define(type="number"), text).number is not None


@pytest.mark.parametrize("name", ["owner_id", "Owner", "phone"])
def test_no_field_is_called_as_ours_are_in_the_history(inside, name):
    with pytest.raises(BadFieldError):
        define(name)


def test_who_sees_no_names_sees_no_value_of_our_own_fields(kettle, member, ada):
    with working_in(kettle):
        define("maiden name")
        who = make_contact("Greta", "greta@tea.example", custom={"born as": "Lindqvist-one"})
        enter_values(who, {"maiden name": "Lindqvist-two"}, by=ada)
        enter_values(who, {"maiden name": "Lindqvist-three"}, by=ada)
    analyst = member("analyst")
    for page in (f"/w/kettle/contacts/{who.pk}/", f"/w/kettle/contacts/{who.pk}/history/"):
        assert "Lindqvist" not in analyst.get(page).text
