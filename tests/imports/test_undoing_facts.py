"""Files of orders and of attendance undone: the facts no longer count, people they made go, other files stand."""

from threading import Thread

import pytest
from django.db import connection

from contacts.models import Contact
from engagement.models import Score
from imports.models import ImportedRecord, ImportedRow, ImportRun, StandingFact
from imports.running import run_slice
from imports.starting import begin_import, keep_file
from imports.tasks import run_imports
from imports.undoing import facts as undoing_facts
from imports.undoing.running import count_undo
from lib.clock import now
from segments.members.rechecking import bring_in_members, recheck_due
from segments.models import Segment, SegmentMember
from tests.factories.contacts import make_contact
from tests.imports.test_attendance import LIST
from tests.imports.test_orders import PLAIN, bought, counted, ledger
from tests.imports.test_undoing import undo
from touchpoints.facts import Fact
from touchpoints.models import Correction, Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in


@pytest.fixture
def ann(inside):
    return make_contact("Ann", "ann@people.example")


@pytest.fixture
def orders(bring):
    """Import a file of orders or of an event; nothing about consent is stated."""

    def take(text, name="orders.csv", **facts):
        return bring(text, name, **{"topic": "", "basis": "", "proof": "", "mode": "record"} | facts).run

    return take


def involvement():
    """Whom the ledger makes involved, and how much."""
    return {
        row.contact_id: round(row.involvement_long, 6) for row in Score.objects.all() if row.involvement_long > 1e-6
    }


@pytest.mark.parametrize(("text", "facts"), [(PLAIN, 2), (LIST, 4)])
def test_everything_that_was_counted_is_as_if_the_file_had_never_come(ann, orders, text, facts):
    before = ledger(), counted(), involvement()

    run = orders(text)
    assert (ledger(), counted(), involvement()) != before
    count_undo(run)
    run.refresh_from_db()
    foreseen = run.undo["counts"]
    assert ledger() != []
    done = undo(run)

    assert (ledger(), counted(), involvement()) == before
    assert list(Contact.objects.all()) == [ann]
    assert {name: n for name, n in done.items() if n} == {name: n for name, n in foreseen.items() if n}
    assert (done["facts"], done["kept"]) == (facts, 0)
    assert not ImportedRecord.objects.exists()
    assert not StandingFact.objects.exists()


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_two_files_that_say_the_same_are_undone_in_any_order(ann, orders, order):
    runs = [orders(PLAIN), orders(PLAIN, "again.csv")]
    stood = ledger()

    counts = undo(runs[order[0]])
    assert ledger() == stood
    assert (counts["facts"], counts["records_stay"]) == (0, 2)
    undo(runs[order[1]])

    assert ledger() == []
    assert not StandingFact.objects.exists()


def test_the_file_before_counts_again_when_the_later_one_is_undone(ann, orders):
    orders(PLAIN)
    stood, days = ledger(), counted()
    run = orders(PLAIN.replace("25.00", "30.00").replace("paid", "refunded"))
    assert ("refund", "ann@people.example", 3000) in bought()

    counts = undo(run)

    assert (ledger(), counted()) == (stood, days)
    assert counts["facts"] == 2  # what was paid back; the purchases count on, as the other file says them


def test_the_later_file_counts_on_when_the_first_one_is_undone(ann, orders):
    first = orders(PLAIN)
    orders(PLAIN.replace("25.00", "30.00"))
    stood = ledger()

    undo(first)

    assert ledger() == stood


def test_what_was_undone_comes_in_again(ann, orders):
    first = orders(PLAIN)
    stood, days = ledger(), counted()
    undo(first)

    again = orders(PLAIN)

    assert again.counts == {"created": 3}
    assert (ledger(), counted()) == (stood, days)
    undo(again)
    assert ledger() == []


def test_whoever_did_something_since_stays(ann, orders):
    run = orders(PLAIN)
    new = Contact.objects.get(email="new@people.example")
    record([Fact("page", "p-1", now(), contact_id=new.pk)], source=source_for("web", "Web"))

    counts = undo(run)

    assert (counts["removed"], counts["kept"]) == (0, 1)
    assert [one[0] for one in ledger()] == ["page"]


def test_whoever_another_file_names_stays_with_what_it_says(ann, orders):
    run = orders(PLAIN)
    orders("Order number,Date,Total,Email\nB-1,2026-04-01,4.00,new@people.example\n")

    counts = undo(run)

    assert counts["kept"] == 1
    assert bought() == [("purchase", "new@people.example", 400)]


def test_facts_of_who_was_erased_stand_while_a_file_stands_that_told_them(ann, orders):
    first = orders(PLAIN)
    ImportedRecord.objects.filter(contact=ann).update(said={})  # as erasing does
    stood = ledger()

    again = orders(PLAIN)
    undo(again)
    assert ledger() == stood
    assert ImportedRow.objects.get(run=again, line=2).outcome == "suppressed"
    undo(first)
    assert ledger() == []


def test_segments_follow_an_import_and_its_undo(kettle, ann, orders):
    segment = Segment.objects.create(name="Bought", rule={"did": {"kind": "purchase"}})
    bring_in_members(segment)

    def members():
        recheck_due(kettle)
        return set(SegmentMember.objects.filter(segment=segment).values_list("contact__email", flat=True))

    run = orders(PLAIN)
    assert members() == {"ann@people.example", "new@people.example"}
    undo(run)

    assert members() == set()


def test_a_killed_import_goes_on_and_each_order_is_written_once(kettle, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("imports.running.CHUNK", 3)
    settings.MEDIA_ROOT = tmp_path
    rows = "".join(f"{n // 2},2026-03-01,5.00,p{n // 2}@people.example,Tea {n % 2}\n" for n in range(2, 16))
    with working_in(kettle):
        run = begin_import(keep_file([f"Order number,Date,Total,Email,Item\n{rows}".encode()], "o.csv"), "o.csv")
        ImportRun.objects.filter(pk=run.pk).update(state="waiting")
        run_slice(run, seconds=0)
    with pytest.raises(KeyboardInterrupt), working_in(kettle):
        run_slice(run, seconds=0)
        raise KeyboardInterrupt
    run_imports(kettle)

    with working_in(kettle):
        run.refresh_from_db()
        assert (run.state, run.rows_done, run.counts) == ("done", 14, {"created": 14})
        assert [(kind, value) for kind, _who, value in bought()] == [("purchase", 500)] * 7
        assert {len(one[6]["products"]) for one in ledger()} == {2}
    with working_in(kettle):
        monkeypatch.setattr(undoing_facts, "CHUNK", 2)
        undo(run)
        assert (ledger(), Contact.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_the_same_order_in_two_runs_at_once_is_written_once(kettle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with working_in(kettle):
        runs = [begin_import(keep_file([PLAIN.encode()], "o.csv"), "o.csv") for _ in range(2)]
        ImportRun.objects.update(state="waiting")

    def go(run):
        try:
            with working_in(kettle):
                run_slice(run)
        finally:
            connection.close()

    threads = [Thread(target=go, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with working_in(kettle):
        assert sorted(tuple(run.counts) for run in ImportRun.objects.all()) == [("created",), ("same",)]
        assert bought() == [("purchase", "ann@people.example", 2500), ("purchase", "new@people.example", 850)]
        assert (Contact.objects.count(), Touchpoint.objects.count(), Correction.objects.count()) == (2, 2, 0)
