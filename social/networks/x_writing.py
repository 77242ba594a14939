"""An answer as X takes it: weighed as X weighs it, in a chain of posts where it is long, and once.

X knows no ids of ours, and refuses the same words a second time. Where an earlier attempt may have come through, our own
posts since are read first, and what stands there is not posted again.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Outbox, Picture
from lib.clock import now
from lib.graphemes import graphemes
from social.networks.asking import Said
from social.networks.cutting import cut_in_posts
from social.networks.shapes import list_at, moment_at, text_at
from social.networks.x_api import NO_PLAN, XClient, why_x
from social.networks.x_pictures import are_unknown, forget_uploads, uploaded
from social.networks.x_reading import POST_FIELDS, id_at, link_of_pictures, text_of

LONGEST, POSTS = 280, 4
LINK_WEIGHS = 23
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
BARE_LINK = re.compile(r"(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,24}\b(?:/\S*)?", re.IGNORECASE)  # X makes links of these, too
LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))  # all else weighs two
NAMED_FIRST = re.compile(r"^(?:@\w{1,15}\s+)+")
SKEW = timedelta(minutes=5)
FIRST_SENDING = timedelta(minutes=1)  # later than that, somebody may have tried before
PAGES_READ = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """A post of ours that stands there. `letters`: with and without the link that X puts behind it where it shows pictures."""

    id: str
    parent: str
    letters: frozenset[str]


def weigh(text: str) -> int:
    """How X counts: most letters one, CJK and each emoji two, a link 23. Never less than X counts."""
    text = unicodedata.normalize("NFC", text)
    rest = LINK.sub("", text)
    links = len(LINK.findall(text)) * LINK_WEIGHS
    bare = sum(max(0, LINK_WEIGHS - _weigh_letters(found[0])) for found in BARE_LINK.finditer(rest))
    return links + bare + _weigh_letters(rest)


def _weigh_letters(text: str) -> int:
    """An emoji of several code points weighs two there; a letter with several marks weighs what they do."""
    if text.isascii():
        return len(text)
    return sum(2 if _is_emoji(one) else sum(map(_weight, one)) for one in graphemes(text))


def _weight(letter: str) -> int:
    return 1 if any(low <= ord(letter) <= high for low, high in LIGHT) else 2


def _is_emoji(letter: str) -> bool:
    return len(letter) > 1 and ord(letter[0]) >= 0x1F000


def posts_of(row: Outbox) -> list[str]:
    """The texts of the posts. ChannelError when it takes more than four."""
    texts = cut_in_posts(row.text, lambda part: weigh(part) <= LONGEST) or ["…"]
    if len(texts) > POSTS:
        raise ChannelError(_("It is longer than %(n)s posts of this network: shorten it.") % {"n": POSTS}, again=False)
    return texts


def answer(client: XClient, us: str, row: Outbox) -> str:
    """Post what is not there yet; the id of the last post. ChannelError."""
    texts, parent = posts_of(row), row.mention_id
    standing = standing_answers(client, us, row) if _may_stand(row) else []
    for place, text in enumerate(texts):
        shown = row.pictures if place == 0 else ()
        parent = stands(text, parent, standing) or _post(client, us, row, text, parent, shown)
    return parent


def standing_answers(client: XClient, us: str, row: Outbox) -> list[Sent]:
    """Our own posts since shortly before the answer was given. ChannelError when there are more than we may read."""
    since = id_at((row.created_at or now()) - SKEW)
    params = {"max_results": 100, "tweet.fields": POST_FIELDS} | ({"since_id": since} if since else {})
    found = list[Sent]()
    for _page in range(PAGES_READ):
        tree = client.get(f"users/{us}/tweets", **params).tree
        found += [_sent(one) for one in list_at(tree, "data") if moment_at(one, "created_at")]
        further = text_at(tree, "meta", "next_token")
        if not further:
            return found
        params["pagination_token"] = further
    raise ChannelError(_("We posted so much since that we cannot see whether the answer stands there."))


def stands(text: str, parent: str, among: Sequence[Sent]) -> str:
    """The id of the post that says this in answer to `parent`; "" if none does."""
    letters = _letters(text)
    return next((one.id for one in reversed(among) if one.parent == parent and letters in one.letters), "")


def _post(client: XClient, us: str, row: Outbox, text: str, parent: str, pictures: Sequence[Picture]) -> str:
    body: dict[str, Any] = {"text": text, "reply": {"in_reply_to_tweet_id": parent}}
    if pictures:
        body["media"] = {"media_ids": uploaded(client, pictures)}
    said = client.call("POST", "tweets", body=body)
    if said.is_good:
        if id_ := text_at(said.tree, "data", "id"):
            return id_
        raise ChannelError(_("It answered with something else than we asked for."))
    if "duplicate" in why_x(said).lower() and (found := stands(text, parent, standing_answers(client, us, row))):
        return found
    if pictures and are_unknown(said):
        raise forget_uploads(client, pictures)
    raise _refused(said)


def _refused(said: Said) -> ChannelError:
    words = why_x(said)
    if "deleted" in words.lower() or "not visible" in words.lower() or said.status == 404:
        words = _("What this answers was deleted there, or who wrote it does not let us see it any more.")
        return ChannelError(words, again=False)
    if said.status in NO_PLAN:
        text = _("X does not take it, or the plan of your app there does not allow it (%(status)d: %(why)s).")
        return ChannelError(text % {"status": said.status, "why": words}, again=False)
    return ChannelError(_("X does not take it: %(why)s") % {"why": words}, again=False)


def _may_stand(row: Outbox) -> bool:
    """Whether an earlier attempt may have come through; one tried again by hand begins to count anew."""
    return row.attempt > 1 or row.created_at is None or row.created_at < now() - FIRST_SENDING


def _sent(tree: object) -> Sent:
    parents = [text_at(one, "id") for one in list_at(tree, "referenced_tweets") if text_at(one, "type") == "replied_to"]
    whole, link = text_of(tree), link_of_pictures(tree)
    said = {_letters(whole), _letters(whole.replace(link, ""))} if link else {_letters(whole)}
    return Sent(text_at(tree, "id"), parents[0] if parents else "", frozenset(said))


def _letters(text: str) -> str:
    """The text as it can be compared: X puts names in front, and rewrites links, marks and blanks."""
    rest = NAMED_FIRST.sub("", text.strip())
    return "".join(one for one in rest.casefold() if one.isalnum()) or "".join(rest.split())
