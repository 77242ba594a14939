"""The request as views inside a workspace see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from workspaces.models import Membership, User, Workspace


class Request(HttpRequest):
    """A request inside a workspace: who asks, where, as what, and whether htmx asks for a fragment."""

    user: User  # type: ignore[assignment]
    workspace: Workspace
    membership: Membership
    htmx: HtmxDetails
