"""The audit log is a chain: whoever rewrites the past, with whatever rights, is found out."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from lib.sql import run_text
from tests.conftest import as_owner_sql
from workspaces.audit_chain import WORK, ask_for_a_seal, seal_audit, verify_audit
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry, AuditSeal


@pytest.fixture
def told(kettle, ada):
    """Five sealed entries beside the founding's own."""
    with working_in(kettle):
        for number in range(5):
            audit("member.role_changed", by=ada, role=f"role {number}", more={"b": 1, "a": [1.5, None]})
    assert seal_audit(kettle) is None
    return kettle


def entries(workspace) -> list[AuditEntry]:
    with working_in(workspace):
        return list(AuditEntry.objects.order_by("pk"))


def in_workspace(workspace, sql: str) -> None:
    with working_in(workspace):
        as_owner_sql(sql)


def test_a_chain_that_nobody_touched_is_whole_and_sealing_again_adds_nothing(told):
    first = verify_audit(told)
    seal_audit(told)

    assert (first.problems, first.sealed_count, first.waiting_count) == ([], 6, 0)
    assert verify_audit(told) == first
    assert len(first.head) == 64


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE workspaces_auditentry SET details = '{{}}' WHERE id = {id}", "entry {id} is not what was written"),
        ("UPDATE workspaces_auditentry SET actor_id = 999 WHERE id = {id}", "entry {id} is not what was written"),
        ("UPDATE workspaces_auditentry SET at = at + interval '1 ms' WHERE id = {id}", "entry {id} is not what was written"),
        ("DELETE FROM workspaces_auditentry WHERE id = {id}", "entry {id} is gone"),
        ("DELETE FROM workspaces_auditseal WHERE entry_id = {id}", "seal 4 is gone"),
        ("UPDATE workspaces_auditseal SET hash = '\\x00' WHERE entry_id = {id}", "entry {id} is not what was written"),
    ],
)  # fmt: skip
def test_a_rewritten_past_is_found(told, change, found):
    entry = entries(told)[3]

    in_workspace(told, change.format(id=entry.pk))

    assert found.format(id=entry.pk) in verify_audit(told).problems


def test_an_end_that_was_cut_off_is_found_by_whoever_wrote_the_head_down(told):
    head, last = verify_audit(told).head, entries(told)[-1].pk
    in_workspace(
        told,
        f"DELETE FROM workspaces_auditentry WHERE id = {last}; DELETE FROM workspaces_auditseal WHERE entry_id = {last}",
    )

    assert verify_audit(told).problems == []
    assert ["its end was cut off" in one for one in verify_audit(told, expected=head).problems] == [True]


def test_an_entry_that_was_slipped_in_is_found(told):
    in_workspace(
        told,
        f"INSERT INTO workspaces_auditentry (workspace_id, at, action, target, details) VALUES ({told.pk}, now() - interval '2 hours', 'x', '', '{{}}')",
    )

    assert ["stands outside the chain" in one for one in verify_audit(told).problems] == [True]


def test_the_app_itself_can_only_add(told):
    for table in ("workspaces_auditentry", "workspaces_auditseal"):
        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with working_in(told), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                run_text(change)


def test_one_workspaces_chain_is_not_anothers(told, rival):
    seal_audit(rival)
    with working_in(rival):
        before = AuditSeal.objects.count()

    in_workspace(told, f"DELETE FROM workspaces_auditentry WHERE id = {entries(told)[0].pk}")

    assert (verify_audit(rival).problems, before) == ([], 1)


def test_an_entry_asks_the_agenda_for_its_seal(kettle, ada, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        audit("member.role_changed", by=ada)

    assert AgendaItem.objects.filter(workspace=kettle, work=WORK).exists()
    ask_for_a_seal(kettle.pk)
    assert AgendaItem.objects.filter(workspace=kettle, work=WORK).count() == 1


def test_the_command_says_which_chain_is_broken_and_fails(told, rival):
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    in_workspace(told, f"DELETE FROM workspaces_auditentry WHERE id = {entries(told)[2].pk}")

    with pytest.raises(SystemExit):
        call_command("verify_audit", workspace="kettle", stdout=out)

    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["kettle", "whole"], ["rival", "whole"], ["kettle", "BROKEN"]]
    assert "is gone" in lines[3]
