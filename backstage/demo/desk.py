"""The demo's desk: a team with its hours, tags, a case with a promise, a note that names a colleague, a draft, one to approve."""

from datetime import datetime, timedelta
from typing import Any

from conversations.approving import ask_approval
from conversations.assigning import add_team_note
from conversations.cases import open_case
from conversations.drafting import keep_draft
from conversations.models import Connection, Conversation, Mention, Team
from conversations.tagging import tag_conversation
from conversations.targets import SUGGESTED
from conversations.teams import keep_team
from workspaces.models import User

TAGS = ("lid", "before Saturday", "parcel")


def make_desk(team: list[User], midnight: datetime) -> None:
    """What colleagues keep at the desk, on the most urgent conversations that wait."""
    if not team:
        return
    me, colleague = team[0], team[-1]
    front: dict[str, Any] = {
        "name": "Front desk",
        "country": "DE",
        "region": "SN",
        "week": [["09:00", "18:00"]] * 5 + [None, None],
    }
    front["targets"] = SUGGESTED
    members = dict.fromkeys((one.pk for one in team), 12)
    keep_team(Team(), by=me, members=members, connections=list(Connection.objects.filter(network="webhook")), **front)
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING).select_related("author__contact")
    urgent = list(waiting.order_by("-priority", "pk")[:4])
    for talk, name in zip(urgent, TAGS, strict=False):
        tag_conversation(talk, name, by=me)
    if len(urgent) < 4:
        return
    due_at = midnight + timedelta(days=1, hours=12)
    promise = {"promise": "A lid of the new batch at their door", "promised_by_id": me.pk, "due_at": due_at}
    open_case(urgent[0], by=me, what="The second lid that cracks in a year", **promise)
    add_team_note(urgent[1], f"@{me.name} may I take this one? The warehouse has two left.", by=colleague)
    keep_draft(urgent[2], "Thank you for telling us. We looked it up:", by=me)
    asked = Mention.objects.select_related("author__contact", "conversation__connection").filter(conversation=urgent[3])
    if mention := asked.order_by("-published_at").first():  # the last hired writes, and does not send alone
        ask_approval(mention, "You are right, and we are sorry. A new one leaves today.", by=colleague)
