"""A company page on LinkedIn: comments below its posts, by polling; answers below the comments."""

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Conversation, Mention
from lib.clock import now
from social.networks.linkedin_api import LinkedInClient, refused, urn_path
from social.networks.linkedin_polling import News, standing_below
from social.networks.linkedin_reading import gone, read_comment, urn_of
from social.networks.oauth_client import OAuthForm
from social.networks.protocol import Listener, Page
from social.networks.public_only import check_is_for_everyone
from social.networks.shapes import moment_of_seconds, number_at, text_at
from workspaces.current import working_in
from workspaces.models import Workspace

SOONEST, LATEST = 270.0, 330.0  # some 300 of the requests that LinkedIn allows a day
FOLLOWED_A_LOOK = 2
LONGEST = 1_250
TOKEN_DAYS = 60
SKEW = timedelta(minutes=5)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


class LinkedInForm(OAuthForm):
    """A company page, and the app that may answer for it: a refresh token, or an access token for 60 days."""

    secret_fields = ("client_id", "client_secret", "refresh_token", "token")

    organization = forms.RegexField(
        r"^\s*(?:urn:li:organization:)?\d{1,20}\s*$",
        label=_("Company page ID"),
        max_length=60,
        help_text=_("The number in the address of the page’s admin view."),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=200, required=False)
    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    refresh_token = forms.CharField(
        label=_("Refresh token"),
        max_length=2_000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("LinkedIn gives one to some apps only. With it nobody needs to sign in for a year."),
    )
    token = forms.CharField(
        label=_("Access token"),
        max_length=2_000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Where there is no refresh token. It lasts 60 days; ten days before its end this page says so."),
    )

    field_order = ("name", "organization", "client_id", "client_secret", "refresh_token", "token")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        whole = all(facts.get(name, "").strip() for name in ("client_id", "client_secret", "refresh_token"))
        if not self.errors and not whole and not facts.get("token", "").strip():
            self.add_error("token", _now("Enter an access token, or client ID, client secret and refresh token."))
        return facts

    def facts(self) -> dict[str, Any]:
        given = {name: value.strip() for name, value in self.cleaned_data.items()}
        number = given["organization"].rpartition(":")[2]
        until = int(now().timestamp()) + TOKEN_DAYS * 86_400
        kept = [json.dumps({"token": given["token"], "until": until})] if given["token"] else []
        secrets = [given[name] for name in ("client_id", "client_secret", "refresh_token")] + kept
        url = f"https://www.linkedin.com/company/{number}/"
        settings = {"organization": number}
        return {"name": given["name"], "url": url, "settings": settings, "is_public": True, "secrets": secrets}


class LinkedIn(Listener):
    """One company page. Who wrote is proven by LinkedIn: an author is a URN."""

    key: ClassVar[str] = "linkedin"
    label: ClassVar[str] = "LinkedIn"
    icon: ClassVar[str] = "brand-linkedin"
    says = _("Needs your keys: an app of yours at LinkedIn. Comments below a company page’s posts, every five minutes.")
    form = LinkedInForm
    vouches: ClassVar[bool] = True
    needs_keys: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection, self.client = connection, LinkedInClient(connection)
        self.us = f"urn:li:organization:{connection.settings.get('organization', '')}"

    def capabilities(self) -> Capabilities:
        late = _now("LinkedIn is asked for the 50 posts last touched; private messages are not told.")
        return Capabilities(polls=True, replies=True, longest=LONGEST, cannot=[late])

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        news = News(self.client, self.us, cursor)
        news.read()
        followed, below = list[Heard](), number_at(cursor, "below") or 0
        if not news.more:
            followed, below = self._follow(below)
        wait = timedelta(seconds=0 if news.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(
            items=[*news.items, *followed],
            refused=news.refused,
            is_silent=news.is_silent,
            note=self._note(),
            cursor=news.cursor | {"below": below},
            next_at=now() + wait,
        )

    def reply(self, row: Outbox) -> str:
        """Answer below the comment. LinkedIn knows no ids of ours: before another attempt it is asked what stands there."""
        check_is_for_everyone(row, self.label)
        top, post = text_at(row.wire, "top") or row.mention_id, text_at(row.wire, "post")
        if len(row.text) > LONGEST:
            raise ChannelError(_now("LinkedIn takes %(most)d letters at most.") % {"most": LONGEST}, again=False)
        if row.attempt > 1 and (found := self._posted(row, top)):
            return found
        body: dict[str, Any] = {"actor": self.us, "message": {"text": row.text}, "parentComment": top}
        said = self.client.post(f"socialActions/{urn_path(top)}/comments", body | ({"object": post} if post else {}))
        if said.status == 404:
            raise ChannelError(_now("What it answers was deleted there."), again=False)
        if not said.is_good:
            error = refused(said)
            raise ChannelError(str(error), again=False)
        return urn_of(said.tree)

    def _posted(self, row: Outbox, top: str) -> str:
        for one in standing_below(self.client, top):
            moment = moment_of_seconds(number_at(one, "created", "time"))
            is_old = moment is not None and row.created_at is not None and moment < row.created_at - SKEW
            is_same = text_at(one, "message", "text").split() == row.text.split()
            if text_at(one, "actor") == self.us and is_same and not is_old:
                return urn_of(one)
        return ""

    def _follow(self, below: int) -> tuple[list[Heard], int]:
        """What became of a few of the comments that wait for an answer, in turn."""
        with working_in(Workspace.objects.get(pk=int(self.connection.workspace_id or 0))):
            rows = Mention.objects.filter(connection=self.connection, deleted_at=None, conversation__state__in=OPEN)
            rows = (rows.filter(pk__lt=below) if below else rows).order_by("-pk")
            found = list(rows.values_list("pk", "remote_id", "wire")[:FOLLOWED_A_LOOK])
        items = list[Heard]()
        for _pk, urn, wire in found:
            post, id_ = text_at(wire, "post"), urn.rstrip(")").rpartition(",")[2]
            try:
                said = self.client.look(f"socialActions/{urn_path(post)}/comments/{urn_path(id_)}")
                if said.status in {404, 410} and isinstance(said.tree, dict):  # theirs, not a proxy's page
                    items.append(gone(urn))
                elif said.is_good and urn_of(said.tree) == urn:
                    items += read_comment(said.tree, self.us, post)
            except (ChannelError, ValueError):
                continue  # what is new does not wait for it
        return items, found[-1][0] if found else 0

    def _note(self) -> str:
        left = self.client.ends_in()
        if left is None:
            return ""
        days = max(0, left.days)
        words = ngettext(
            "The access token ends in %(n)d day: enter a new one before.",
            "The access token ends in %(n)d days: enter a new one before.",
            days,
        )
        return words % {"n": days}
