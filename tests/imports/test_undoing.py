"""An import undone: everything is as if the file had never come in, but for what others said and did since."""

from datetime import timedelta

import pytest
import time_machine

from consent.consenting import give_consent, newest_word, withdraw_consent
from consent.models import Consent, Suppression
from consent.settling import settle_everybody
from consent.suppressing import is_suppressed, suppress
from consent.tracking import say_tracking, tracking_word
from consent.words_now import words_of
from contacts.companies.keeping import create_company, edit_company, merge_companies
from contacts.companies.positions import add_position, edit_position, end_position, put_first
from contacts.editing import add_role, add_tag, edit_contact, end_role, phone_of
from contacts.models import (
    Audience,
    AudienceRole,
    Company,
    Contact,
    FieldChange,
    FieldValue,
    Identity,
    Position,
    SearchTerm,
    Tag,
)
from contacts.searching import index_people
from imports.models import ImportedRow, ImportRun
from imports.running import run_slice
from imports.starting import begin_import, keep_file
from imports.tasks import run_imports
from imports.undoing import running
from imports.undoing.running import CannotUndoError, count_undo, undo_import, undo_slice
from lib.clock import now
from tests.factories.contacts import letter, make_contact
from tests.machines import machine_of
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AuditEntry

FILE = """Email,First name,City,Phone,Tags,tea,cups,Role
ann@people.example,Anna,Ulm,+4930123450,vip,Oolong,4,customer
new@people.example,Nele,Köln,+4930123451,vip,Assam,2,customer
"""
AT_WORK = """Email,Tags,Role,Company,Job title
ann@people.example,vip,customer,Tea House,Taster
new@people.example,vip,customer,Tea House,Taster
"""


def undo(run, by=None):
    undo_import(run, by=by)
    while undo_slice(run, seconds=0):
        pass
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    return run.undo["counts"]


def place_of(one):
    return Position.objects.get(contact=one)


def world():
    """Everything a file may write that anybody reads; former and preferred moments of addresses aside."""
    contacts = Contact.objects.order_by("pk")
    return {
        "people": list(contacts.values("pk", "name", "given_name", "city", "email", "city_folded")),
        "values": sorted(
            FieldValue.objects.values_list("contact", "name", "text", "number", "moment", "folded"), key=str
        ),
        "owners": sorted(contacts.values_list("pk", "owner_id")),
        "companies": sorted(Company.objects.values_list("name", "merged_into")),
        "places": sorted(Position.objects.values_list("contact", "company", "role_there", "first_at")),
        "tags": sorted(Tag.objects.values_list("contact", "name")),
        "roles": sorted(AudienceRole.objects.values_list("contact", "role", "until")),
        "identities": sorted(
            Identity.objects.values_list("contact", "kind", "value", "former_since", "shared_key", "shared_by")
        ),
        "terms": sorted(SearchTerm.objects.values_list("contact", "term")),
        "stops": sorted(Suppression.objects.filter(lifted_at=None).values_list("channel", "address_hash", "reason")),
        "words": words_of(list(contacts.values_list("pk", flat=True))),
        "tracking": {one.pk: getattr(tracking_word(one), "mode", None) for one in contacts},
    }


@pytest.fixture
def ann(inside):
    ann = make_contact("Ann", "ann@people.example", city="Bonn", custom={"tea": "Assam"}, tags=["old"])
    index_people([ann.pk])
    return ann


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        "Email,Email 2,Opted out,cups\nann@people.example,a2@people.example,yes,3\nnew@people.example,,no,1\n",
        "Email,City\nann@people.example,Ulm\nann@people.example,Trier\n",
        "Email,Company,Job title,Owner\nann@people.example,Tea House,Taster,ada@kettle.example\nnew@people.example,Tea House,,\n",
        "Email,Status\nann@people.example,bounced\nother@people.example,complained\n",
    ],
)
@pytest.mark.parametrize("listed", ["", "new@people.example", "ann@people.example"])
def test_everything_is_as_if_the_file_had_never_come(inside, ann, bring, ada, file, listed):
    if listed:
        suppress(listed, reason="objection", source="Their own page")
    before = world()

    run = bring(file, tracking=2, mapping={"Status": "status"} if "Status" in file else None).run
    assert world() != before
    count_undo(run)
    run.refresh_from_db()
    counted = run.undo["counts"]
    assert world() != before
    done = undo(run, ada)

    assert world() == before
    assert {name: n for name, n in done.items() if n} == {name: n for name, n in counted.items() if n}
    assert settle_everybody(inside) == 0
    assert done["kept"] == 0
    assert not ImportedRow.objects.filter(run=run, outcome="created", contact_id_made__isnull=False).exists()


@pytest.mark.parametrize("mode", ["suppress", "unsubscribe"])
def test_a_list_of_refusals_undone_leaves_who_refused_by_themselves(inside, ann, bring, mode):
    give_consent(ann, topic=letter(), wording="Yes")
    suppress("stays@people.example", reason="objection", source="Their own page")
    before = world()

    run = bring("Email\nann@people.example\nnobody@people.example\nstays@people.example\n", mode=mode).run
    assert is_suppressed("nobody@people.example")
    undo(run)

    assert world() == before
    assert newest_word(ann, topic=letter()).state == Consent.State.GIVEN


def test_two_files_that_say_the_same_are_undone_in_any_order(inside, ann, bring):
    before = world()
    text = "Email\nann@people.example\n"
    first, second = (bring(text, mode="suppress").run for _ in range(2))

    counts = undo(first)
    assert (counts["lifted"], counts["still_listed"]) == (0, 1)
    assert is_suppressed("ann@people.example")
    undo(second)

    assert world() == before


@pytest.mark.parametrize(("modes", "left"), [((2, 0), (0, 2)), ((0, 2), (2, 0)), ((2, 1), (1, 2)), ((0, 0), (0, 0))])
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_files_about_measuring_the_one_counts_that_is_left(inside, ann, bring, modes, left, first):
    before = world()
    runs = [bring("Email\nann@people.example\n", topic="", tracking=mode).run for mode in modes]
    assert tracking_word(ann).mode == min(modes)

    undo(runs[first])
    assert (tracking_word(ann).mode, tracking_word(ann).source) == (left[first], runs[1 - first].source)
    undo(runs[1 - first])

    assert world() == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("mode", [0, 1, 2, None])
def test_what_people_said_of_measuring_themselves_stands_whichever_file_goes(inside, ann, bring, order, place, mode):
    def speak(here):
        if here == place:
            say_tracking(ann, 1 if mode is None else mode, source="Their own page", page="/p/kettle/me/…/")
            if mode is None:
                say_tracking(ann, None, source="Their own page", page="/p/kettle/me/…/")

    speak(0)
    runs = [bring("Email\nann@people.example\n", topic="", tracking=2).run]
    speak(1)
    runs.append(bring("Email\nann@people.example\n", topic="", tracking=0).run)
    speak(2)

    for n in (None, *order):
        if n is not None:
            undo(runs[n])
        assert getattr(tracking_word(ann), "mode", None) == mode


def rows_of(city, tea, owner, phone):
    return f"Email,City,tea,Owner,Phone\nann@people.example,{city},{tea},{owner},{phone}\n"


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]])
@pytest.mark.parametrize("before", ["+49309999999", ""])
def test_files_that_say_different_things_are_undone_in_any_order(inside, ann, bring, ada, bob, order, before):
    edit_contact(ann, by=ada, phone=before)
    then = world()
    runs = [
        bring(rows_of("Ulm", "Oolong", ada.email, "+49301111111")).run,
        bring(rows_of("Trier", "Mint", bob.email, "+49302222222")).run,
        bring(rows_of("Trier", "Mint", bob.email, "+49302222222")).run,
    ]
    assert (Contact.objects.get(pk=ann.pk).owner_id, phone_of(ann)) == (bob.pk, "+49302222222")

    for place in order:
        undo(runs[place], ada)

    now = world()
    assert now == then


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_what_a_colleague_said_between_two_files_comes_back(inside, ann, bring, ada, order):
    runs = [bring("Email,City\nann@people.example,Ulm\n").run]
    edit_contact(Contact.objects.get(pk=ann.pk), by=ada, city="Jena")
    edit_contact(Contact.objects.get(pk=ann.pk), by=ada, city="Ulm")
    runs.append(bring("Email,City\nann@people.example,Trier\n").run)

    for place in order:
        undo(runs[place], ada)

    assert Contact.objects.get(pk=ann.pk).city == "Ulm"


@pytest.mark.parametrize("order", [[0, 2], [2, 0]])
def test_what_a_file_that_stands_says_too_stays(inside, ann, bring, ada, order):
    runs = [bring(f"Email,City\nann@people.example,{city}\n").run for city in ("Ulm", "Ulm", "Trier")]

    for place in order:
        undo(runs[place], ada)

    assert Contact.objects.get(pk=ann.pk).city == "Ulm"


def test_what_somebody_said_or_did_since_stays_and_is_counted(inside, ann, bring, ada):
    run = bring(FILE).run
    new = Contact.objects.get(email="new@people.example")
    edit_contact(Contact.objects.get(pk=ann.pk), by=ada, city="Trier")
    fact = Fact("page", "p-1", now(), contact_id=new.pk)
    record([fact], source=source_for("web", "Web"))

    counts = undo(run)

    ann.refresh_from_db()
    assert (ann.city, ann.given_name) == ("Trier", "")
    assert counts["fields_kept"] == 1
    assert (counts["removed"], counts["kept"]) == (0, 1)
    assert Contact.objects.filter(pk=new.pk, city="Köln").exists()
    assert newest_word(new, topic=letter()) is None


@pytest.mark.parametrize(
    "touch",
    [
        lambda one, ada: edit_contact(one, by=ada, city="Trier"),
        lambda one, ada: add_tag(one, "by hand", by=ada),
        lambda one, ada: give_consent(one, topic=None, page="https://kettle.example/yes"),
        lambda one, ada: withdraw_consent(one, topic=letter(), source="Their own page"),
        lambda one, ada: Identity.objects.create(contact=one, kind=4, value="@new", evidence="said"),
        lambda one, ada: FieldValue.objects.create(contact=one, name="by hand", text="x"),
        lambda one, ada: edit_position(place_of(one), role_there="Head of Tea", since=None, until=None, by=ada),
        lambda one, ada: end_position(place_of(one), by=ada),
        lambda one, ada: put_first(place_of(one), by=ada),
        lambda one, ada: add_position(one, place_of(one).company, by=ada),
        lambda one, ada: end_role(one, Audience.CUSTOMER, by=ada),
        lambda one, ada: add_role(one, Audience.CUSTOMER, by=ada),
        lambda one, ada: add_tag(one, "vip", by=ada),
    ],
)
def test_whoever_was_touched_since_is_kept(inside, bring, ada, touch):
    run = bring(AT_WORK).run
    new = Contact.objects.get(email="new@people.example")
    touch(new, ada)

    assert undo(run)["kept"] == 1
    assert Contact.objects.filter(pk=new.pk).exists()


@pytest.mark.parametrize(
    "touch",
    [
        lambda one, ada: edit_position(place_of(one), role_there="Head of Tea", since=None, until=None, by=ada),
        lambda one, ada: end_position(place_of(one), by=ada),
        lambda one, ada: put_first(place_of(one), by=ada),
        lambda one, ada: add_position(one, place_of(one).company, by=ada),
        lambda one, ada: end_role(one, Audience.CUSTOMER, by=ada),
        lambda one, ada: add_role(one, Audience.CUSTOMER, by=ada),
        lambda one, ada: add_tag(one, "vip", by=ada),
    ],
)
def test_what_a_colleague_touched_of_somebody_known_stays(inside, ann, bring, ada, touch):
    run = bring(AT_WORK).run
    marks = [
        Position.objects.filter(contact=ann),
        AudienceRole.objects.filter(contact=ann),
        ann.tags.filter(name="vip"),
    ]
    of_file = [set(rows.filter(source=run.source).values_list("pk", flat=True)) for rows in marks]
    assert all(of_file)
    touch(ann, ada)
    by_hand = [
        ids - set(rows.filter(source=run.source).values_list("pk", flat=True))
        for ids, rows in zip(of_file, marks, strict=True)
    ]
    assert sum(map(len, by_hand)) == 1

    undo(run)

    assert [set(rows.values_list("pk", flat=True)) for rows in marks] == by_hand


def test_a_no_of_their_own_outlives_the_no_of_a_file(inside, ann, bring):
    give_consent(ann, topic=letter(), wording="Yes")
    run = bring("Email\nann@people.example\n", mode="unsubscribe").run
    withdraw_consent(ann, topic=None, source="Their own page")

    undo(run)

    assert newest_word(ann, topic=letter()).state == Consent.State.WITHDRAWN
    assert is_suppressed("ann@people.example")


def test_whom_another_file_names_too_stays_with_their_fields(inside, ann, bring):
    first = bring(FILE).run
    bring(FILE)

    counts = undo(first)

    ann.refresh_from_db()
    assert ann.city == "Ulm"
    assert (counts["kept"], counts["removed"]) == (1, 0)


def test_who_was_undone_comes_in_again(inside, ann, bring):
    undo(bring(FILE, tracking=2).run)

    run = bring(FILE, tracking=2).run

    assert run.counts == {"created": 1, "updated": 1}
    new = Contact.objects.get(email="new@people.example")
    assert newest_word(new, topic=letter()).state == Consent.State.GIVEN
    assert tracking_word(ann).mode == 2


def test_it_is_refused_twice_while_it_runs_and_after_thirty_days(inside, ann, bring, ada):
    run = bring(FILE).run
    ImportRun.objects.filter(pk=run.pk).update(state="running")
    with pytest.raises(CannotUndoError, match="not done yet"):
        undo_import(run, by=ada)
    ImportRun.objects.filter(pk=run.pk).update(state="done")
    with time_machine.travel(now() + timedelta(days=30)), pytest.raises(CannotUndoError, match="30 days"):
        undo_import(run, by=ada)
    undo(run, ada)
    with pytest.raises(CannotUndoError, match="undone already"):
        undo_import(run, by=ada)

    assert AuditEntry.objects.filter(action="contacts.import_undone", target_id=run.pk).count() == 1


def test_a_killed_undo_goes_on_and_each_row_is_undone_once(kettle, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 3)
    settings.MEDIA_ROOT = tmp_path
    with working_in(kettle):
        lines = "".join(f"p{n}@people.example,City {n}\n" for n in range(20))
        run = begin_import(keep_file([f"Email,City\n{lines}".encode()], "p.csv"), "p.csv")
        run.basis, run.proof, run.state = "consent", "They ticked the box.", "waiting"
        run.save()
        while run_slice(run):
            pass
    with working_in(kettle):
        undo_import(run, by=None)
        undo_slice(run, seconds=0)
        assert undo_slice(run, seconds=0)
    with pytest.raises(ZeroDivisionError), working_in(kettle):
        undo_slice(run, seconds=0)
        _ = 1 / 0
    with working_in(kettle):
        assert Contact.objects.count() == 17

    run_imports(kettle)

    with working_in(kettle):
        run.refresh_from_db()
        assert Contact.objects.count() == 0
    assert (run.state, run.undo["counts"]["removed"]) == ("undone", 20)


def test_the_ledger_is_only_added_to_and_the_word_reads_as_never_said(inside, ann, bring, ada):
    run = bring("Email\nann@people.example\n").run
    count = Consent.objects.count()

    undo(run, ada)

    row = Consent.objects.order_by("pk").last()
    assert (Consent.objects.count(), row.state, row.by_id) == (count + 1, Consent.State.UNDONE, ada.pk)
    said = {(one["topic"], one["channel"]): one["state"] for one in words_of([ann.pk])[ann.pk]}
    assert said["letter", "email"] == "none"


def test_the_history_says_that_it_was_undone(inside, ann, bring, ada):
    run = bring("Email,City\nann@people.example,Ulm\n").run
    undo(run, ada)

    row = FieldChange.objects.filter(contact=ann).order_by("pk").last()
    assert (row.source, row.by_id, row.changes) == (f"{run.source} undone", ada.pk, {"city": ["Ulm", "Bonn"]})


def test_a_number_goes_back_to_the_one_before(inside, ann, bring, ada):
    edit_contact(ann, by=ada, phone="+49309999999")
    before = world()

    undo(bring("Email,Phone\nann@people.example,+49308888888\n").run, ada)

    assert world() == before


@pytest.mark.parametrize("before", ["+49309999999", ""])
def test_a_number_that_a_colleague_chose_since_stays(inside, ann, bring, ada, before):
    edit_contact(ann, by=ada, phone=before)
    run = bring("Email,Phone\nann@people.example,+49308888888\n").run
    edit_contact(Contact.objects.get(pk=ann.pk), by=ada, phone="+49307777777")
    edit_contact(Contact.objects.get(pk=ann.pk), by=ada, phone="+49308888888")

    counts = undo(run, ada)

    assert phone_of(ann) == "+49308888888"
    assert (counts["fields_kept"], counts.get("identities", 0)) == (1, 0)


def test_a_first_number_goes_and_the_history_says_so(inside, ann, bring, ada):
    before = world()

    run = bring("Email,Phone\nann@people.example,+49308888888\n").run
    undo(run, ada)

    assert world() == before
    row = FieldChange.objects.filter(contact=ann).order_by("pk").last()
    assert (row.source, row.changes) == (f"{run.source} undone", {"phone": ["+49308888888", ""]})


def job(title):
    return f"Email,Company,Job title\nann@people.example,Tea House,{title}\n"


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0]])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_role_that_files_overwrote_comes_back(inside, ann, bring, ada, order, is_there):
    if is_there:
        add_position(ann, create_company("Tea House", by=ada), role_there="Owner", by=ada)
    before = world()
    runs = [bring(job(title)).run for title in ("Taster", "Buyer", "Head")]

    for place in order:
        assert place_of(ann).role_there
        undo(runs[place], ada)

    assert world() == before


@pytest.mark.parametrize(
    "touch",
    [
        lambda one, ada: edit_position(one, role_there="Head of Tea", since=None, until=None, by=ada),
        lambda one, ada: put_first(one, by=ada),
        lambda one, ada: end_position(one, by=ada),
        lambda one, ada: add_position(one.contact, one.company, role_there="Head of Tea", by=ada),
    ],
)
def test_a_role_that_a_colleague_wrote_since_stays_and_is_counted(inside, ann, bring, ada, touch):
    add_position(ann, create_company("Tea House", by=ada), role_there="Owner", by=ada)
    run = bring(job("Taster")).run
    touch(place_of(ann), ada)
    then = world()["places"]

    counts = undo(run, ada)

    assert world()["places"] == then
    assert (counts["roles_back"], counts["roles_kept"]) == (0, 1)


@pytest.mark.parametrize(
    "touch",
    [
        lambda one, ada: edit_company(one, domains=["tea.example"], by=ada),
        lambda one, ada: edit_company(one, name="House of Tea", by=ada),
        lambda one, ada: edit_company(one, country="DE", by=ada),
        lambda one, ada: merge_companies(one, create_company("Teas", by=ada), by=ada),
        lambda one, ada: merge_companies(create_company("Teas", by=ada), one, by=ada),
        lambda one, ada: add_position(make_contact("Cy", "cy@people.example"), one, by=ada),
    ],
)
def test_a_company_that_somebody_touched_since_stays(inside, ann, bring, ada, touch):
    run = bring(AT_WORK).run
    company = Company.objects.get(name="Tea House")
    touch(company, ada)

    counts = undo(run, ada)

    assert Company.objects.filter(pk=company.pk).exists()
    assert counts["companies_removed"] == 0


def test_a_company_that_was_there_before_stays(inside, ann, bring, ada):
    company = create_company("Tea House", by=ada)

    undo(bring(AT_WORK).run, ada)

    assert list(Company.objects.all()) == [company]


def test_the_page_counts_first_and_then_undoes(as_ada, kettle, inside, ann, bring):
    run = bring(FILE).run
    page = f"/w/kettle/contacts/imports/{run.pk}/"

    assert "Count what undoing would do" in as_ada.get(page).text
    as_ada.post(f"{page}undo/count/")
    counted = as_ada.get(page).text
    for words in ("people that it made are removed", "fields go back", "Undo this import"):
        assert words in counted
    assert Contact.objects.count() == 2
    as_ada.post(f"{page}undo/")
    while undo_slice(run, seconds=9):
        pass

    assert "Undone" in as_ada.get(page).text
    assert Contact.objects.count() == 1
    again = as_ada.post(f"{page}undo/", follow=True)
    assert "This import is undone already." in again.text


@pytest.mark.parametrize("way", ["undo/", "undo/count/"])
def test_who_may_not_import_may_not_undo(as_eve, kettle, inside, ann, bring, member, way):
    run = bring(FILE).run
    address = f"/w/kettle/contacts/imports/{run.pk}/{way}"

    assert member("analyst").post(address).status_code == 403
    assert as_eve.post(address).status_code == 404
    assert Contact.objects.count() == 2


def test_a_machine_counts_and_undoes(kettle, inside, ann, bring):
    run, machine = bring(FILE).run, machine_of(kettle)

    counted = machine.post(f"/imports/{run.pk}/undo/count").json()
    assert counted["undo"]["removed"] == 1
    assert machine.post(f"/imports/{run.pk}/undo").json()["state"] == "undoing"
    assert machine.post(f"/imports/{run.pk}/undo").status_code == 409
    while undo_slice(run, seconds=9):
        pass
    assert machine.get(f"/imports/{run.pk}").json()["state"] == "undone"


def test_a_yes_that_a_colleague_wrote_down_outlives_the_yes_of_a_file(inside, ann, bring, ada):
    run = bring("Email,City\nann@people.example,Ulm\n", topic_key="letter").run
    give_consent(ann, topic=letter(), wording="Told me at the till", by=ada)

    undo(run)

    assert newest_word(ann, topic=letter()).by_id == ada.pk
