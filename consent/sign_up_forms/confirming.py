"""What a confirmation email may say, and its link: made of the request's id by a key, so that no row holds a key to the door."""

from zoneinfo import ZoneInfo

from django.utils.translation import override

from consent.models import SignUp, Topic
from lib.links import public_link
from lib.local_words import date_format
from lib.signing import make_token, read_token
from workspaces.current import OpenWorkspace

PURPOSE = "sign_up"


def confirm_token(workspace_id: int, sign_up_id: int) -> str:
    """The token of one request. It opens one page of one workspace, and `SignUp.state` lets it work once."""
    return make_token(PURPOSE, workspace_id, sign_up_id)


def read_confirm_token(token: str) -> tuple[int, int]:
    """(workspace id, sign-up id), or BadTokenError."""
    workspace_id, sign_up_id = read_token(PURPOSE, token, count=2)
    return workspace_id, sign_up_id


def confirm_link(workspace: OpenWorkspace, sign_up_id: int) -> str:
    """The absolute address of the page that asks whether it was them."""
    return public_link("portal:confirm", workspace.slug, confirm_token(workspace.pk, sign_up_id))


def confirmation_fields(workspace: OpenWorkspace, sign_up_id: int) -> dict[str, str]:
    """What the email about this request may say: its link, the topics that were ticked, the day.

    Nothing that was typed: a stranger's words would reach somebody else's mailbox under our name.
    """
    fields = {"confirm_link": confirm_link(workspace, sign_up_id), "topics": "", "day": ""}
    if (sign_up := SignUp.objects.filter(pk=sign_up_id).first()) is not None:
        fields["topics"] = ", ".join(topic.name for topic in topics_of(sign_up))
        with override(sign_up.language or workspace.locale):
            fields["day"] = date_format(sign_up.asked_at.astimezone(ZoneInfo(workspace.zone)), "j F")
    return fields


def topics_of(sign_up: SignUp) -> list[Topic]:
    """What was ticked, of what there is today."""
    return list(Topic.objects.filter(pk__in=sign_up.topic_ids))
