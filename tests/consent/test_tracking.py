"""How far we may measure: what was said last, of several addresses the least, else the workspace's usual way."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.consenting import NoProofError
from consent.models import TrackingConsent
from consent.tracking import (
    may_measure_params,
    may_measure_sql,
    say_tracking,
    say_tracking_for_all,
    tracking_history,
    tracking_modes,
    tracking_word,
    undo_tracking,
    undo_tracking_words,
)
from contacts.merging import link_contacts
from contacts.models import Contact
from lib.clock import now
from lib.sql import run_text
from tests.examples import examples
from tests.factories.contacts import make_contact
from workspaces.current import current_workspace, current_workspace_id
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

NONE, REACH, FULL = TrackingMode
PAGE = {"page": "/p/kettle/me/…/"}


def use(mode: TrackingMode) -> None:
    """From now on this is the workspace's usual way."""
    current_workspace().mail_tracking = mode
    Workspace.objects.filter(pk=current_workspace_id()).update(mail_tracking=mode)


def mode_of(contact: Contact) -> TrackingMode:
    return tracking_modes([contact.pk]).get(contact.pk, NONE)


def test_a_new_workspace_keeps_no_more_than_one_date(rival):
    assert rival.mail_tracking == REACH


@pytest.mark.parametrize("usual", TrackingMode)
@pytest.mark.parametrize("said", [None, *TrackingMode])
def test_who_said_something_is_taken_at_their_word_and_nobody_is_measured_where_the_brand_measures_nothing(
    inside, usual, said
):
    use(usual)
    greta = make_contact()
    if said is not None:
        say_tracking(greta, said, **PAGE)

    assert mode_of(greta) == (NONE if usual == NONE else usual if said is None else said)


def test_what_is_taken_back_reads_as_never_said_and_the_ledger_keeps_it_all(inside):
    use(REACH)
    greta = make_contact()
    for mode in (FULL, NONE, None):
        assert say_tracking(greta, mode, wording=f"I said {mode}", **PAGE)
        assert not say_tracking(greta, mode, **PAGE)

    assert mode_of(greta) == REACH
    assert tracking_word(greta) is None
    assert [row.wording.text for row in tracking_history(greta)] == ["I said None", "I said 0", "I said 2"]


def test_only_the_person_can_allow_more_than_they_did(inside):
    greta = make_contact()
    say_tracking(greta, NONE)

    for mode in (FULL, None):
        for proof in ({"source": "a list"}, {"page": "  "}):
            with pytest.raises(NoProofError):
                say_tracking(greta, mode, **proof)
    with pytest.raises(NoProofError):
        say_tracking(greta, REACH, at=now() - timedelta(days=1), **PAGE)
    assert say_tracking_for_all([greta.pk], FULL) == set()
    assert mode_of(greta) == NONE
    assert say_tracking(greta, FULL, **PAGE)
    assert mode_of(greta) == FULL


def tell_nobody(monkeypatch):
    """What follows costs statements of its own."""
    monkeypatch.setattr("consent.tracking.tracking_changed.tell", lambda **_news: None)


def test_a_file_speaks_for_those_who_have_said_nothing_in_one_statement(inside, monkeypatch, django_assert_num_queries):
    people = [make_contact() for _ in range(50)]
    say_tracking(people[0], NONE)
    ids = [one.pk for one in people]

    tell_nobody(monkeypatch)
    with django_assert_num_queries(3):  # a savepoint around one statement
        assert say_tracking_for_all(ids, FULL, source="till.csv") == set(ids[1:])
    with django_assert_num_queries(1):
        found = tracking_modes(ids)
    assert found == dict.fromkeys(ids, FULL) | {ids[0]: NONE}
    assert say_tracking_for_all(ids, FULL) == set()


def test_files_are_undone_in_few_statements_and_only_once(inside, monkeypatch, django_assert_num_queries):
    people = [make_contact().pk for _ in range(50)]
    say_tracking_for_all(people, FULL, source="import 1: till.csv")
    assert say_tracking_for_all(people, NONE, source="import 2: desk.csv") == set(people)
    assert say_tracking_for_all(people, REACH, source="import 3: fair.csv") == set()  # a file never allows more

    tell_nobody(monkeypatch)
    with django_assert_num_queries(6):  # two savepoints around two statements
        assert undo_tracking(people, source="import 2: desk.csv") == set(people)
    assert set(tracking_modes(people).values()) == {REACH}
    assert undo_tracking(people, source="import 2: desk.csv") == set()
    assert undo_tracking(people, source="import 3: fair.csv") == set(people)
    assert set(tracking_modes(people).values()) == {FULL}


def test_who_is_erased_may_not_be_scored_or_is_unknown_is_not_measured(inside):
    shy, gone = make_contact(is_profiled=False), make_contact(erased_at=now())
    for one in (shy, gone):
        say_tracking(one, FULL)

    assert tracking_modes([shy.pk, gone.pk, 2**40]) == {}


def test_nobody_rewrites_what_was_said(inside):
    say_tracking(make_contact(), FULL)
    for sql in ("UPDATE consent_trackingconsent SET mode = 2", "DELETE FROM consent_trackingconsent"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run_text(sql, {})
    with pytest.raises(IntegrityError), transaction.atomic():
        TrackingConsent.objects.create(contact_id=2**40, mode=1)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


SAID = st.sampled_from([None, *TrackingMode])
WORDS = st.lists(st.tuples(st.integers(0, 3), SAID, st.booleans(), st.booleans()), max_size=8)


def counting(said):
    """The mode that counts of one voice, from (mode, by a file) in order: in plain Python."""
    own = [mode for mode, by_file in said if not by_file]
    return own[-1] if own else min((mode for mode, _by_file in said), default=None)


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(WORDS, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=2), st.sampled_from(TrackingMode))
def test_of_several_merged_the_least_counts_and_an_address_is_one_voice(inside, words, links, usual):
    """Against a reader in plain Python; two of the four share an address."""
    use(usual)
    emails = ["a@x.example", "b@x.example", "b@x.example", ""]
    people = [make_contact(f"P{n}", "") for n in range(4)]
    for one, email in zip(people, emails, strict=True):
        Contact.objects.filter(pk=one.pk).update(email=email)
    top = {one.pk: one.pk for one in people}
    for loser, survivor in links:
        a, b = people[loser].pk, people[survivor].pk
        if top[a] == a and top[b] == b and a != b and a not in [v for k, v in top.items() if k != v]:
            link_contacts(a, b)
            top[a] = b
    start = now() - timedelta(days=1)
    rows = [
        TrackingConsent(
            contact=people[who],
            mode=(mode or NONE) if by_file else mode,
            from_file=by_file,
            at=start + timedelta(seconds=n),
        )
        for n, (who, mode, by_file, _is_undone) in enumerate(words)
    ]
    TrackingConsent.objects.bulk_create(rows)
    undo_tracking_words([row.pk for row, word in zip(rows, words, strict=True) if word[3]])

    for place, one in enumerate(people):
        together = [n for n, other in enumerate(people) if top[other.pk] == top[one.pk]]
        voices: dict[str, list[tuple[int | None, bool]]] = {}
        for row, (who, _mode, by_file, is_undone) in zip(rows, words, strict=True):
            if who in together and not is_undone:
                voices.setdefault(emails[who] or str(who), []).append((row.mode, by_file))
        said = [mode for mode in map(counting, voices.values()) if mode is not None]
        expected = NONE if usual == NONE else min(said, default=usual)
        assert tracking_modes([one.pk]).get(one.pk, NONE) == expected, place
        if len(together) == 1 and usual != NONE:
            [[alone]] = run_text(
                f"SELECT {may_measure_sql('%(who)s')}",
                {"workspace": current_workspace_id(), "who": one.pk} | may_measure_params(),
            )
            assert alone == (expected == FULL)
        word = tracking_word(Contact.objects.get(pk=top[one.pk]))
        assert (word.mode if word else None) == min(said, default=None)
    Contact.objects.update(email="")
