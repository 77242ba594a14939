"""Which segments a member sees and may change."""

from django.db.models import Q, QuerySet

from segments.models import Segment
from workspaces.permissions import may
from workspaces.requests import Request


def visible(request: Request) -> QuerySet[Segment]:
    """Those that everybody sees, and this member's own."""
    return Segment.objects.filter(Q(is_private=False) | Q(owner_id=request.user.pk))


def may_change(request: Request, found: Segment) -> bool:
    """Whether this member may change it: a private one of their own, or any with the right to."""
    role = request.membership.role
    is_own = found.is_private and found.owner_id == request.user.pk and may(role, "segments.own")
    return is_own or may(role, "segments.edit")
