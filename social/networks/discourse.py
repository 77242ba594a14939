"""A Discourse forum: its posts by polling and by webhook, answers in their topics.

The handle of a writer counts within its forum alone: whoever may sign up there may call themselves so.
"""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Conversation, Mention
from lib.bisecting import reason_of
from lib.clock import now
from lib.foreign.foreign_json import BadJsonError, read_what_can_be
from lib.sealing import SealBrokenError
from social.forms import ConnectForm, check_reachable
from social.networks.asking import Said, ask, why
from social.networks.discourse_polling import News
from social.networks.discourse_reading import Forum, gone, read_post
from social.networks.protocol import BadBodyError, Listener, Page, Parsed, Refused
from social.networks.shapes import list_at, moment_at, number_at, text_at, tree_at
from social.networks.signing import check_sha256
from social.secrets import brought_secrets, made_secrets
from workspaces.current import working_in
from workspaces.models import Workspace

SIGNATURE, EVENT = "X-Discourse-Event-Signature", "X-Discourse-Event"
SOONEST, LATEST = 30.0, 60.0
FOLLOWED_A_LOOK = 5
SKEW = timedelta(minutes=5)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


class DiscourseForm(ConnectForm):
    """A forum, by an API key for one user."""

    secret_fields = ("password",)

    url = forms.URLField(label=_("Address of the forum"), max_length=500, assume_scheme="https")
    username = forms.CharField(label=_("User who answers"), max_length=60)
    password = forms.CharField(
        label=_("API key"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("In Discourse: Admin, API, New key, for this user, with the scopes to read and write posts."),
    )

    def clean_url(self) -> str:
        return check_reachable(self.cleaned_data["url"].rstrip("/"))

    def clean(self) -> dict[str, Any]:
        """A forum that lets us in."""
        facts = super().clean() or self.cleaned_data
        if not self.errors:
            headers = {"Api-Key": facts["password"], "Api-Username": facts["username"]}
            try:
                said = ask(f"{facts['url']}/posts.json", headers=headers)
            except ChannelError as error:
                self.add_error("url", str(error))
            else:
                if not said.is_good:
                    self.add_error("password", _now("The forum does not accept this key for this user."))
        return facts

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        settings = {"username": given["username"]}
        return {"name": given["name"], "url": given["url"], "settings": settings, "secrets": [given["password"]]}


class Discourse(Listener):
    """One forum."""

    key: ClassVar[str] = "discourse"
    label: ClassVar[str] = "Discourse"
    icon: ClassVar[str] = "messages"
    says = _("Every post of a forum, looked for twice a minute, at once with its webhook. Answers go into the topic.")
    form = DiscourseForm

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.forum = Forum(connection.url.rstrip("/"), str(connection.settings.get("username", "")))

    def capabilities(self) -> Capabilities:
        return Capabilities(polls=True, receives=True, replies=True)

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        news = News(self.forum, self._ask, cursor)
        news.read()
        followed, below = self._follow(number_at(cursor, "followed") or 0)
        wait = timedelta(seconds=0 if news.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(
            items=[*news.items, *followed],
            refused=news.refused,
            is_silent=bool(news.gap.get("silent")),
            cursor={**news.cursor, "followed": below},
            next_at=now() + wait,
        )

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        check_sha256(made_secrets(self.connection), raw_body, headers.get(SIGNATURE, ""))

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        try:
            post = tree_at(read_what_can_be(raw_body), "post")
        except BadJsonError as error:
            raise BadBodyError(str(error)) from error
        event = headers.get(EVENT, "")
        if event not in {"post_created", "post_edited", "post_destroyed"} or self.forum.is_ours(post):
            return Parsed()  # a ping, a topic, something of ours
        try:
            return Parsed([read_post(self.forum, post, is_deleted=event == "post_destroyed")])
        except Exception as error:  # noqa: BLE001 - refused with its reason, whatever it is
            return Parsed(refused=[Refused(0, reason_of(error), text_at(post, "id") or event, text_at(post, "raw"))])

    def reply(self, row: Outbox) -> str:
        """Post into the topic. The forum knows no ids of ours: before another attempt it is asked what stands there."""
        topic, number = number_at(row.wire, "topic_id"), number_at(row.wire, "post_number")
        if topic is None:
            raise ChannelError(_now("It is not known any more in which topic this stands."), again=False)
        if row.attempt > 1 and (found := self._posted(row, topic, number)):
            return found
        body = {"raw": row.text, "topic_id": topic} | ({"reply_to_post_number": number} if number else {})
        said = self._ask("/posts.json", method="POST", body=body)
        if said.status in {403, 404, 410}:
            raise ChannelError(
                _now("The forum does not let us answer there: %(why)s") % {"why": _why(said)}, again=False
            )
        if not said.is_good:
            raise ChannelError(_now("The forum does not take it: %(why)s") % {"why": _why(said)}, again=False)
        id_ = number_at(said.tree, "id")
        return f"post-{id_}" if id_ else ""  # none while a moderator looks at it first

    def _posted(self, row: Outbox, topic: int, number: int | None) -> str:
        """The id of this answer where it stands in the topic already, else "". ChannelError."""
        params = {"username_filters": self.forum.username, "include_raw": "true"}
        said = self._ask(f"/t/{topic}.json", params=params)
        posts = list_at(said.tree, "post_stream", "posts")
        last = list_at(said.tree, "post_stream", "stream")[-20:]
        if said.is_good and set(map(str, last)) - {text_at(one, "id") for one in posts}:
            said = self._ask(f"/t/{topic}/posts.json", params={"post_ids[]": last, "include_raw": "true"})
            posts = list_at(said.tree, "post_stream", "posts")
        if not said.is_good and said.status not in {403, 404, 410}:
            raise ChannelError(_why(said))
        for post in posts:
            moment = moment_at(post, "created_at")
            is_old = moment is None or (row.created_at is not None and moment < row.created_at - SKEW)
            is_same = text_at(post, "raw").split() == row.text.split()
            if self.forum.is_ours(post) and is_same and not is_old and _answers(post, number):
                return f"post-{text_at(post, 'id')}"
        return ""

    def _follow(self, below: int) -> tuple[list[Heard], int]:
        """What became of a few of the posts that wait for an answer, in turn."""
        with working_in(Workspace.objects.get(pk=int(self.connection.workspace_id or 0))):
            rows = Mention.objects.filter(connection=self.connection, deleted_at=None, conversation__state__in=OPEN)
            rows = (rows.filter(pk__lt=below) if below else rows).order_by("-pk")
            found = list(rows.values_list("pk", "remote_id")[:FOLLOWED_A_LOOK])
        items = []
        for _pk, remote_id in found:
            id_ = number_at({"id": remote_id.removeprefix("post-")}, "id") or 0
            try:
                said = self._ask(f"/posts/{id_}.json")
                is_gone = said.status in {404, 410} and bool(list_at(said.tree, "errors"))  # theirs, not a proxy's page
                items.append(gone(id_) if is_gone else read_post(self.forum, said.tree))
            except (ChannelError, ValueError):
                continue  # what is new does not wait for it
        return items, found[-1][0] if found else 0

    def _ask(self, path: str, **what: Any) -> Said:
        try:
            key = next(iter(brought_secrets(self.connection)), "")
        except SealBrokenError as error:
            raise ChannelError(_now("The API key cannot be opened any more. Enter it again."), again=False) from error
        headers = {"Api-Key": key, "Api-Username": self.forum.username}
        said = ask(f"{self.forum.url}{path}", headers=headers, **what)
        if said.status == 401 or (said.status == 403 and path == "/posts.json" and "body" not in what):
            raise ChannelError(
                _now("The forum does not accept the API key. Make a new one and enter it here."), again=False
            )
        return said


def _answers(post: Any, number: int | None) -> bool:
    """Whether it answers that post; Discourse says nothing of it where that is the first of the topic or the one before."""
    said = number_at(post, "reply_to_post_number")
    return said is None or number is None or said == number


def _why(said: Said) -> str:
    return text_at(said.tree, "errors", 0)[:200] or why(said, "message")
