"""The way to a person's own page: a signed link, no login, no cookie."""

from django.http import Http404

from contacts.merging import survivor_of
from contacts.models import Contact
from lib.links import public_link
from lib.signing import BadTokenError, make_token, read_token
from workspaces.current import OpenWorkspace, current_workspace_id
from workspaces.models import Workspace

PURPOSE = "relationship"


def relationship_token(contact_id: int) -> str:
    """The token of this person's page in the open workspace."""
    return make_token(PURPOSE, current_workspace_id(), contact_id)


def relationship_link(workspace: Workspace | OpenWorkspace, contact_id: int) -> str:
    """The address of this person's page; it stands in every email."""
    return public_link("portal:relationship", workspace.slug, make_token(PURPOSE, workspace.pk, contact_id))


def workspace_of_token(slug: str, token: str) -> tuple[Workspace, int]:
    """The workspace and contact id a token opens; 404 for a forged one, or one of another brand."""
    try:
        workspace_id, contact_id = read_token(PURPOSE, token, count=2)
    except BadTokenError as error:
        raise Http404("No such page.") from error
    workspace = Workspace.objects.filter(pk=workspace_id, slug=slug).first()
    if workspace is None:
        raise Http404("No such page.")
    return workspace, contact_id


def person_of(contact_id: int) -> Contact:
    """The person behind a link, after linking; 404 when they were erased."""
    contact = Contact.objects.filter(pk=survivor_of(contact_id), erased_at=None).first()
    if contact is None:
        raise Http404("No such page.")
    return contact
