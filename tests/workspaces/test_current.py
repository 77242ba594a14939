import pytest
from django.db import transaction

from workspaces.current import AnotherWorkspaceError, NoWorkspaceError, working_in
from workspaces.models import AuditEntry


def test_nothing_owned_is_seen_while_no_workspace_is_open(kettle):
    with pytest.raises(NoWorkspaceError):
        AuditEntry.objects.count()


def test_each_workspace_sees_its_own_rows(kettle, rival):
    with working_in(kettle):
        mine = {entry.workspace_id for entry in AuditEntry.objects.all()}

    assert mine == {kettle.pk}


def test_another_workspace_cannot_be_opened_inside(kettle, rival):
    with working_in(kettle), pytest.raises(AnotherWorkspaceError), working_in(rival):
        pass


def test_an_error_inside_leaves_no_row_and_no_open_workspace(kettle):
    with pytest.raises(ZeroDivisionError), working_in(kettle):
        AuditEntry.objects.create(action="doomed")
        raise ZeroDivisionError

    with working_in(kettle), transaction.atomic():
        assert not AuditEntry.objects.filter(action="doomed").exists()
