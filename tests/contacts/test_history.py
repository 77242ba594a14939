"""What changed of a person, and who said so: whoever writes a field leaves one row a person and change."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from consent.sign_up_forms.questions import Question
from contacts.custom_fields.defining import define_field
from contacts.custom_fields.entering import enter_values
from contacts.custom_fields.retyping import change_type
from contacts.duplicates.deciding import merge_contacts, undo_merge
from contacts.editing import create_contact, edit_contact
from contacts.enriching import enrich
from contacts.fields import names_with_history
from contacts.history.saying import making, saying
from contacts.identifying import add_identity, remove_identity
from contacts.models import Contact, FieldChange, FieldValue, Identity
from contacts.owning import hand_on_people, set_owner
from contacts.resolving import Hint
from contacts.sharing import keep_alone, mark_shared
from imports.undoing.running import undo_import, undo_slice
from lib.clock import now
from lib.sql import run_sql, run_text
from portal.preferences import SOURCE as THEIR_PAGE
from portal.preferences import allow_profiling, take_back, write_less
from portal.signing_up.deciding import confirm
from portal.signing_up.submitting import Asked, Circumstances, submit
from privacy.asking import answer, open_request
from privacy.erasing import erase_person
from segments.people.bulk.acting import act, undo
from tests.factories.contacts import letter, make_contact
from tests.factories.sign_up_forms import make_form
from tests.machines import machine_of
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

WRITES = re.compile(
    r"UPDATE contacts_contact\b|(?:INTO|DELETE FROM|UPDATE) contacts_fieldvalue\b|\bcontact\.save\(|\bsurvivor\.save\("
    r"|(?:\bContact\.objects|\bpeople)\.?(?:filter\([^\n]*\))?\.(?:update|bulk_update)\("
    r"|FieldValue\.objects\.(?:filter\([^\n]*\)\.)?(?:delete|update|create|bulk_create|bulk_update)"
    r"|\brow\.(?:save|delete)\([^\n]*FieldValue"
)
# Of files that write contacts those that change no field with a history, and why.
NO_FIELD = {
    "contacts/complaints.py": "an open complaint is a thread of the inbox",
    "contacts/sql/open_complaints.sql": "an open complaint is a thread of the inbox",
    "contacts/resolving.py": "whether somebody is known by name is worked out, nobody says it",
    "contacts/personal_data.py": "the erased leave no former values",
    "privacy/erasing.py": "the erased leave no former values",
    "backstage/demo/people.py": "made up, with the people",
    "backstage/demo/belonging.py": "made up, with the people",
    "backstage/demo/doubles.py": "made up, with the people",
    "backstage/demo/talk.py": "made up, with the people",
}


def changed(contact) -> list[tuple[str, int | None, dict]]:
    rows = FieldChange.objects.filter(contact=contact).order_by("pk")
    return [(row.source, row.by_id, row.changes) for row in rows]


@pytest.fixture
def ann(inside):
    return make_contact("Ann Weber", "ann@people.example", city="Bonn", custom={"tea": "Assam", "cups": 3})


def by_hand(ann, ada, bring):
    edit_contact(ann, by=ada, city="Ulm")
    return ("by hand", ada.pk, {"city": ["Bonn", "Ulm"]})


def by_a_new_address(ann, ada, bring):
    add_identity(ann, Identity.Kind.EMAIL, "weber@people.example", by=ada, is_preferred=True)
    return ("entered by hand", ada.pk, {"email": ["ann@people.example", "weber@people.example"]})


def by_an_address_less(ann, ada, bring):
    remove_identity(ann, ann.identities.get().pk, by=ada)
    return ("by hand", ada.pk, {"email": ["ann@people.example", ""]})


def by_a_number(ann, ada, bring):
    edit_contact(ann, by=ada, phone="+493012345678")
    return ("by hand", ada.pk, {"phone": ["", "+493012345678"]})


def by_what_a_fact_tells(ann, ada, bring):
    fact = Fact("identify", "i-1", now(), contact_id=ann.pk, profile={"city": "Ulm"})
    record([fact], source=source_for("web", "Web snippet"))
    return ("Web snippet", None, {"city": ["Bonn", "Ulm"]})


def by_a_custom_field_of_a_fact(ann, ada, bring):
    fact = Fact("identify", "i-1", now(), contact_id=ann.pk, profile={"cups": 4})
    record([fact], source=source_for("web", "Web snippet"))
    return ("Web snippet", None, {"cups": [{"text": "", "number": 3}, {"text": "4", "number": 4}]})


def by_a_file(ann, ada, bring):
    run = bring("Email,City\nann@people.example,Ulm\n").run
    return (run.source, None, {"city": ["Bonn", "Ulm"]})


def by_a_custom_field_of_a_file(ann, ada, bring):
    run = bring("Email,tea\nann@people.example,Oolong\n").run
    return (run.source, None, {"tea": ["Assam", "Oolong"]})


def by_a_file_undone(ann, ada, bring):
    run = bring("Email,tea,blend\nann@people.example,Oolong,Dark\n").run
    undo_import(run, by=ada)
    while undo_slice(run, seconds=9):
        pass
    return (f"{run.source} undone", ada.pk, {"blend": ["Dark", None]})


def by_a_merge(ann, ada, bring):
    other = make_contact("Ann", "a@people.example", city="Ulm", custom={"tea": "Oolong"})
    merge_contacts(ann.pk, other.pk, by=ada, take={"city"})
    return (f"merged with contact {other.pk}", ada.pk, {"city": ["Bonn", "Ulm"]})


def by_a_custom_field_of_a_merge(ann, ada, bring):
    other = make_contact("", "a@people.example", custom={"tea": "Oolong"})
    merge_contacts(ann.pk, other.pk, by=ada, take={"tea"})
    return (f"merged with contact {other.pk}", ada.pk, {"tea": ["Assam", "Oolong"]})


def by_a_merge_taken_back(ann, ada, bring):
    other = make_contact("Ann", "a@people.example", city="Ulm")
    undo_merge(merge_contacts(ann.pk, other.pk, by=ada, take={"city"}), by=ada)
    return (f"merge with contact {other.pk} taken back", ada.pk, {"city": ["Ulm", "Bonn"]})


def by_many(ann, ada, bring):
    act("set_field", {"field": "city", "value": "Ulm", "only_empty": False}, [ann.pk], by=ada)
    return ("changed for many", ada.pk, {"city": ["Bonn", "Ulm"]})


def by_many_taken_back(ann, ada, bring):
    undo(act("set_field", {"field": "tea", "value": "", "only_empty": False}, [ann.pk], by=ada), by=ada)
    return ("a change for many taken back", ada.pk, {"tea": [None, "Assam"]})


def by_many_emptied(ann, ada, bring):
    act("set_field", {"field": "tea", "value": "", "only_empty": False}, [ann.pk], by=ada)
    return ("changed for many", ada.pk, {"tea": ["Assam", None]})


def by_their_own_page(ann, ada, bring):
    allow_profiling(ann, yes=False)
    return (THEIR_PAGE, None, {"is_profiled": [True, False]})


def by_their_own_page_taken_back(ann, ada, bring):
    change = write_less(ann)
    take_back(ann, change.before, None)
    return (THEIR_PAGE, None, {"contact_frequency": [1, 2]})


def by_a_form(ann, ada, bring):
    form = make_form("Tastings", questions=[Question("city")])
    asked = Asked("ann@people.example", [letter()], {"city": "Ulm"})
    sign_up = submit(form.versions.first(), asked, Circumstances(language="en"))
    confirm(sign_up, Circumstances(language="en"))
    return ("Tastings, 1", None, {"city": ["Bonn", "Ulm"]})


def by_the_privacy_desk(ann, ada, bring):
    answer(open_request("object", ann, way="own_page", by=None, details="", identity="signed_link"), by=ada)
    return ("Privacy desk", None, {"is_profiled": [True, False]})


def by_an_owner(ann, ada, bring):
    set_owner(ann, ada.pk, by=ada)
    return ("by hand", ada.pk, {"owner_id": [None, ada.pk]})


def by_an_owner_who_leaves(ann, ada, bring):
    set_owner(ann, ada.pk, by=ada)
    hand_on_people(ada.pk, None, ada)
    return ("changed for many", ada.pk, {"owner_id": [ada.pk, None]})


def by_an_owner_of_many(ann, ada, bring):
    act("set_owner", {"owner": ada.pk, "name": "Ada"}, [ann.pk], by=ada)
    return ("changed for many", ada.pk, {"owner_id": [None, ada.pk]})


def by_an_owner_of_a_file(ann, ada, bring):
    run = bring(f"Email,Owner\nann@people.example,{ada.email}\n").run
    return (run.source, None, {"owner_id": [None, ada.pk]})


def by_a_declared_field(ann, ada, bring):
    define_field("tea", by=ada)
    enter_values(ann, {"tea": "Oolong"}, by=ada)
    return ("by hand", ada.pk, {"tea": ["Assam", "Oolong"]})


def by_another_type(ann, ada, bring):
    field = define_field("tea", by=ada)
    enter_values(ann, {"tea": "07"}, by=ada)
    change_type(field, "number", answers={"07": "7"}, by=ada)
    return ("changed for many", ada.pk, {"tea": ["07", {"text": "7", "number": 7}]})


def by_a_shared_address(ann, ada, bring):
    office = make_contact("Otto", "info@tea.example")
    mark_shared(office, office.identities.get().pk, by=ada)
    edit_contact(ann, by=ada, email="")
    edit_contact(ann, by=ada, email="info@tea.example")
    return ("by hand", ada.pk, {"email": ["", "info@tea.example"]})


def by_a_shared_address_kept_by_another(ann, ada, bring):
    by_a_shared_address(ann, ada, bring)
    office = Identity.objects.get(contact__name="Otto")
    keep_alone(office.contact, office.pk, by=ada)
    return ("by hand", ada.pk, {"email": ["info@tea.example", ""]})


CASES = {
    "contacts/sharing.py": [by_a_shared_address_kept_by_another],
    "contacts/sql/share.sql": [by_a_shared_address],
    "contacts/owning.py": [by_an_owner, by_an_owner_who_leaves],
    "segments/people/bulk/owner.py": [by_an_owner_of_many],
    "contacts/sql/load_owners.sql": [by_an_owner_of_a_file],
    "contacts/custom_fields/entering.py": [by_a_declared_field],
    "contacts/sql/rewrite_values.sql": [by_another_type],
    "contacts/editing.py": [by_hand, by_a_number],
    "contacts/sql/use_addresses.sql": [by_a_new_address, by_an_address_less, by_a_number],
    "contacts/identifying.py": [by_a_new_address, by_an_address_less],
    "contacts/sql/set_fields.sql": [by_what_a_fact_tells, by_a_form],
    "contacts/sql/set_custom_fields.sql": [by_a_custom_field_of_a_fact],
    "contacts/sql/change_people.sql": [by_a_file],
    "contacts/sql/load_values.sql": [by_a_custom_field_of_a_file],
    "imports/undoing/fields.py": [by_a_file_undone],
    "contacts/duplicates/deciding.py": [by_a_merge, by_a_custom_field_of_a_merge, by_a_merge_taken_back],
    "segments/people/bulk/fields.py": [by_many, by_many_emptied, by_many_taken_back],
    "portal/preferences.py": [by_their_own_page, by_their_own_page_taken_back],
    "privacy/asking.py": [by_the_privacy_desk],
}


@pytest.mark.parametrize("case", dict.fromkeys(case for cases in CASES.values() for case in cases))
def test_whoever_writes_a_field_says_who_and_what_stood_there(inside, ada, ann, bring, case):
    expected = case(ann, ada, bring)

    assert changed(ann)[-1] == expected


def test_every_place_that_writes_fields_has_such_a_case():
    """A new writer needs one, or this fails: its changes would be kept as said by nobody."""
    found = set()
    for path in Path(settings.BASE_DIR).glob("*/**/*"):
        room = path.relative_to(settings.BASE_DIR)
        is_ours = path.suffix in {".py", ".sql"} and room.parts[0] not in {"tests", "bench", ".venv", "var", "tools"}
        if is_ours and "migrations" not in room.parts and WRITES.search(path.read_text()):
            found.add(str(room))

    assert found - NO_FIELD.keys() - {"contacts/sql/keep_history.sql", "contacts/sql/keep_history_undo.sql"} == (
        CASES.keys() & found
    )
    assert CASES.keys() - found <= {"contacts/identifying.py", "contacts/sharing.py"}  # by use_addresses
    assert NO_FIELD.keys() <= found


def test_the_triggers_look_at_every_field_of_the_table(db):
    [[source]] = run_text("SELECT prosrc FROM pg_proc WHERE proname = 'keep_field_changes'")
    looked_at = set(re.findall(r"o\.(\w+) IS DISTINCT FROM f\.\1", source))
    [[erasing]] = run_text("SELECT prosrc FROM pg_proc WHERE proname = 'erase_history'")

    assert looked_at == set(names_with_history())
    assert {*looked_at, "phone"} == set(re.findall(r"'(\w+)'", erasing.partition("ARRAY[")[2]))


def test_every_field_of_the_table_leaves_a_row_when_it_changes(inside, ann):
    other = {"contact_frequency": 0, "dialogue_mode": 0, "is_profiled": False, "paused_until": now(), "owner_id": 7}
    for name in names_with_history():
        with saying("test"):
            Contact.objects.filter(pk=ann.pk).update(**{name: other.get(name, "xy")})

        assert list(changed(ann)[-1][2]) == [name]


def test_who_is_made_has_no_history_yet(kettle, inside, ada, bring):
    create_contact(by=ada, name="Ben", email="ben@people.example", phone="+493012345678")
    bring("Email,City,tea\ncyd@people.example,Ulm,Oolong\n")
    fact = Fact(
        "identify",
        "i-1",
        now(),
        hints=(Hint(Identity.Kind.EMAIL, "dan@people.example"),),
        profile={"city": "Ulm", "cups": 3},
    )
    record([fact], source=source_for("web", "Web snippet"))
    submit(make_form("F").versions.first(), Asked("eli@people.example", [letter()], {}), Circumstances(language="en"))
    machine = machine_of(kettle)
    body = {
        "name": "Fay",
        "email": "fay@people.example",
        "phone": "+493012345679",
        "fields": {"tea": "Assam", "cups": 2},
    }
    assert machine.post("/contacts", body).status_code == 201
    more = {"by": {"kind": "email", "value": "gus@people.example"}, "city": "Ulm", "fields": {"tea": "Assam"}}
    assert machine.post("/contacts/upsert", more).status_code == 201

    assert Contact.objects.count() == 6
    assert list(FieldChange.objects.values_list("changes", flat=True)) == []


def test_a_machine_is_called_by_its_key_and_reads_the_history(kettle, inside, ann):
    machine = machine_of(kettle)
    address = f"/contacts/{ann.pk}"
    machine.patch(address, {"city": "Ulm", "fields": {"cups": 4}})

    items = machine.get(f"{address}/history").json()["items"]

    assert [(one["source"], one["by_id"]) for one in items] == [("API key Script", None)] * 2
    assert [one["changes"] for one in items] == [
        [{"field": "cups", "before": "3", "after": "4"}],
        [{"field": "city", "before": "Bonn", "after": "Ulm"}],
    ]
    only = machine.get(f"{address}/history?field=city").json()["items"]
    assert [one["changes"][0]["field"] for one in only] == ["city"]
    assert machine.get("/contacts/999999/history").status_code == 404


def test_a_set_leaves_a_row_a_person_in_the_same_number_of_statements(inside):
    counts = []
    for size in (1, 40):
        people = [make_contact(city="Bonn", custom={"cups": 1}).pk for _ in range(size)]
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            saying("test"),
        ):
            enrich([(pk, {"city": "Ulm", "cups": 2}) for pk in people])
        counts.append(len(queries))
        assert FieldChange.objects.filter(contact__in=people).count() == 2 * size
    assert counts[0] == counts[1]


def test_what_does_not_change_leaves_nothing(inside, ann, ada):
    edit_contact(ann, by=ada, city="Bonn")
    enrich([(ann.pk, {"city": "Bonn", "tea": "Assam"})])
    Contact.objects.filter(pk=ann.pk).update(city="Bonn", complaint_since=now())

    assert changed(ann) == []


def test_a_block_that_failed_says_nothing_of_what_comes_after(inside, ann):
    with pytest.raises(ZeroDivisionError), transaction.atomic(), saying("broken"):
        _ = 1 / 0
    with pytest.raises(ProgrammingError), transaction.atomic(), saying("broken"):
        run_text("SELECT nothing_of_the_kind()")
    with making():
        FieldValue.objects.create(contact=ann, name="new", text="x")
    with saying("first"), saying("second"):
        Contact.objects.filter(pk=ann.pk).update(city="Ulm")
    Contact.objects.filter(pk=ann.pk).update(city="Köln")

    assert [source for source, _by, _changes in changed(ann)] == ["first", ""]


def test_the_history_is_only_added_to(inside, ann, ada):
    edit_contact(ann, by=ada, city="Ulm")
    for sql in ("UPDATE contacts_fieldchange SET source = 'x'", "DELETE FROM contacts_fieldchange"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run_text(sql)
    assert run_sql("contacts/call_erase_history", {"contacts": f"{{{ann.pk}}}"}) == [(0,)]
    assert changed(ann)[0][2] == {"city": ["Bonn", "Ulm"]}


def test_who_is_erased_leaves_no_former_value(kettle, inside, ann, ada):
    edit_contact(ann, by=ada, city="Ulm", phone="+493012345678")
    enrich([(ann.pk, {"Xanthippe's tea": "Oolong"})])

    erase_person(ann.pk, by=ada)

    kept = [changes for source, _by, changes in changed(ann) if changes]
    assert kept == [{"city": [None, None]}, {"phone": [None, None]}]
    assert {source for source, *_rest in changed(ann)} == {""}


def test_the_page_says_who_changed_what_and_hides_names_from_analysts(as_ada, kettle, inside, ann, ada, member):
    edit_contact(ann, by=ada, name="Ann Wagner", city="Ulm")
    with saying("import 3: shop.csv"):
        enrich([(ann.pk, {"cups": 4})])
    page, whole = f"/w/kettle/contacts/{ann.pk}/", f"/w/kettle/contacts/{ann.pk}/history/"

    for text in (as_ada.get(page).text, as_ada.get(whole).text):
        for words in ("Ann Weber", "Ann Wagner", "Bonn", "by hand", "import 3: shop.csv", "Ada"):
            assert words in text
    assert "Bonn" not in as_ada.get(f"{whole}?field=cups").text
    analyst = member("analyst")
    for text in (analyst.get(page).text, analyst.get(whole).text):
        assert "Weber" not in text
        assert "Wagner" not in text
        assert "Bonn" in text
    assert as_ada.get(f"{whole}?field=nothing").status_code == 200
    assert as_ada.get("/w/kettle/contacts/999999/history/").status_code == 404


def test_a_stranger_sees_no_history(as_eve, ann):
    assert as_eve.get(f"/w/kettle/contacts/{ann.pk}/history/").status_code == 404
