"""Taking demo data away again."""

from django.dispatch import Signal

from workspaces.auditing import audit
from workspaces.models import User, Workspace

demo_removed = Signal()  # sent inside the workspace: each room takes its own demo rows away, upper rooms first


def remove_demo(workspace: Workspace, *, by: User | None) -> None:
    """Remove people, history, campaigns and mentions of a demo workspace. Members, keys and settings stay."""
    demo_removed.send(sender=Workspace, workspace=workspace)
    workspace.is_demo = False
    workspace.save(update_fields=["is_demo"])
    audit("demo.removed", by=by, target=workspace)
