"""A comment as LinkedIn writes it, in the inbox's words. Everybody there is a URN; names are told to few apps."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from conversations.channels import Heard
from lib.clock import now
from social.networks.shapes import list_at, moment_of_seconds, number_at, text_at, tree_at

NETWORK = "linkedin"
SITE = "https://www.linkedin.com"


def read_comment(tree: Any, us: str, post: str) -> list[Heard]:
    """A comment of somebody else; nothing for one of our page. ValueError says what is missing."""
    urn, who = urn_of(tree), text_at(tree, "actor")
    moment = moment_of_seconds(number_at(tree, "created", "time"))
    edited = moment_of_seconds(number_at(tree, "lastModified", "time"))
    if who == us:
        return []
    if not urn or not who or moment is None:
        raise ValueError("a comment has a URN, an author and a time")
    parent = text_at(tree, "parentComment")
    where = text_at(tree, "object") or post
    return [
        Heard(
            urn, text_at(tree, "message", "text") or "…", who, moment, name=name_of(tree_at(tree, "actor~"), who),
            network=NETWORK, url=f"{SITE}/feed/update/{where}?commentUrn={quote(urn, safe='')}", thread=parent or urn,
            parent_id=parent, is_public=True, visibility="public", wire={"post": where, "top": parent or urn},
            edited_at=edited if edited is not None and edited > moment else None,
        )
    ]  # fmt: skip


def urn_of(tree: Any) -> str:
    """The URN of a comment; made of its id and what it stands below, where it is not written out."""
    if urn := text_at(tree, "commentUrn"):
        return urn
    id_, where = text_at(tree, "id"), text_at(tree, "object")
    return f"urn:li:comment:({where},{id_})" if id_ and where else ""


def name_of(told: dict[str, Any], who: str) -> str:
    """The name where the app may see it."""
    names = filter(None, (text_at(told, "localizedFirstName").strip(), text_at(told, "localizedLastName").strip()))
    shown = " ".join(names) or text_at(told, "localizedName").strip()
    return shown or (_("LinkedIn company") if ":organization:" in who else _("LinkedIn member"))


def answers_below(tree: Any) -> int:
    """How many answers a comment has, as far as it says."""
    counts = [
        number_at(tree, "commentsSummary", name) for name in ("aggregatedTotalComments", "totalFirstLevelComments")
    ]
    return max([0, *(count for count in counts if count is not None)])


def counts_of(tree: Any) -> dict[str, int]:
    """Post → how many comments it has, of a look at several at once."""
    results = tree_at(tree, "results")
    counts = {urn: number_at(one, "commentSummary", "count") for urn, one in results.items()}
    return {urn: count for urn, count in counts.items() if count is not None}


def posts_of(tree: Any) -> list[str]:
    """The URNs of a page of posts."""
    urns = [text_at(one, "id") for one in list_at(tree, "elements")]
    return [urn for urn in urns if urn.startswith("urn:li:") and len(urn) <= 200]


def gone(urn: str) -> Heard:
    """What is said of a comment that was deleted."""
    return Heard(urn, "", "", now(), network=NETWORK, is_deleted=True)
