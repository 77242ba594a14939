"""The demo's desk: a team with its hours, tags, a case with a promise, a note that names a colleague, a draft, one to
approve, what was forwarded and what came back.
"""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from PIL import Image

from conversations.answers.approving import ask_approval
from conversations.answers.drafting import keep_draft
from conversations.assigning import add_team_note
from conversations.cases import open_case
from conversations.channels import HeardFile
from conversations.inbox.tagging import tag_conversation
from conversations.mentions.came_along import keep_files
from conversations.models import Connection, Conversation, Forward, ForwardAnswer, Mention, Team, TeamNote
from conversations.service_levels.targets import SUGGESTED
from conversations.teams import keep_team
from lib.pictures import make_thumbnail
from workspaces.models import User

POTTERY, INSURER = "piet@pottery.example", "claims@insurer.example"
ASKED_THERE = "Piet, is this the glaze of the spring batch?"
CAME_BACK = "Yes, that is the March kiln. I have twelve lids of the new one and can send them today."
QUOTED = (
    "-- \nSent from my phone\n\nOn Monday, Kettle & Co <service@kettle.example> wrote:\n\n> Your parcel is on its way."
)
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
    _forward(urgent[0], me, colleague)
    if (private := waiting.filter(is_public=False).order_by("-priority", "pk").first()) is not None:
        _photograph(private)


def _photograph(talk: Conversation) -> None:
    """An email with a picture of what is broken, and what its writer quoted."""
    mention = Mention.objects.filter(conversation=talk, deleted_at=None).order_by("-published_at").first()
    if mention is None:
        return
    drawn = BytesIO()
    Image.effect_mandelbrot((480, 360), (-2.2, -1.2, 0.9, 1.2), 40).save(drawn, "PNG")
    files = [
        HeardFile("broken-lid.png", "image/png", drawn.tell(), drawn.getvalue(), make_thumbnail(drawn.getvalue())),
        HeardFile("how-it-broke.mov", "application/octet-stream", 38_400_000, b""),
    ]
    keep_files([(mention, files)])
    mention.file_count, mention.quoted, mention.wire = len(files), QUOTED, {"subject": "Re: My parcel"}
    mention.save(update_fields=["file_count", "quoted", "wire"])


def _forward(talk: Conversation, me: User, colleague: User) -> None:
    """One message went to the pottery, which answered; another waits until somebody approves that it goes outside."""
    mention = Mention.objects.filter(conversation=talk, deleted_at=None).order_by("-published_at").first()
    if mention is None:
        return
    at = mention.published_at + timedelta(minutes=1)
    facts = {"conversation": talk, "mention": mention, "created_at": at}
    keys = [uuid5(NAMESPACE_URL, f"demo forward {talk.workspace_id} {number}") for number in range(2)]
    sent = Forward.objects.create(
        key=keys[0], address=POTTERY, note=ASKED_THERE, by_id=me.pk, state=Forward.State.SENT, sent_at=at, **facts
    )
    came = f"Piet Vos <{POTTERY}>"
    note = TeamNote.objects.create(
        conversation=talk, text=CAME_BACK, writer=came, author_id=None, created_at=at + timedelta(minutes=4)
    )
    ForwardAnswer.objects.create(
        forward=sent, note=note, remote_id=f"<{sent.key.hex}@pottery.example>", address=POTTERY
    )
    Forward.objects.create(
        key=keys[1],
        address=INSURER,
        note="Please open a claim.",
        by_id=colleague.pk,
        state=Forward.State.ASKED,
        **facts,
    )
