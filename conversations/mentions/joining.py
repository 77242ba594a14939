"""The same post, brought by two connections: the second is its twin, followed for itself, shown and counted once.

Two are the same when they share the post's own address, its writer and its words. A claimed one never hides one whose
writer is vouched for: who only says so could stand in front of who is.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db.models import Q

from conversations.channels import Heard
from conversations.models import Connection, Mention, PublicAuthor

FOLLOWING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid")  # parameters that say how somebody came, not what it is


def canonical_uri(url: str) -> str:
    """The address of a post without what differs from one link to it to the next; "" where it has none."""
    if url.startswith("mid:"):
        return url[:500]  # an email's own address: it says no place
    try:
        parts = urlsplit(url)
        query = [pair for pair in parse_qsl(parts.query, True) if not pair[0].lower().startswith(FOLLOWING)]
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return urlunsplit(("https", parts.netloc.lower(), parts.path.rstrip("/"), urlencode(query), ""))[:500]


def find_twins(
    connection: Connection,
    items: Sequence[Heard],
    authors: Sequence[PublicAuthor],
    texts: Sequence[str],
    *,
    silent: bool = False,
) -> dict[str, Mention]:
    """Remote id → the mention of another connection that is the same post, for those that have one. One query.

    `authors` and `texts` follow the order of the items. What a listener only found hides nothing that was written to us.
    """
    uris = {item.remote_id: canonical_uri(item.url) for item in items}
    standing = Mention.objects.filter(uri__in=set(uris.values()) - {""}, twin_of=None, deleted_at=None)
    firsts = {
        (one.uri, one.author.network, one.author.handle, one.text): one
        for one in standing.exclude(connection=connection).select_related("author", "conversation").order_by("-pk")
    }
    found = {}
    for item, author, text in zip(items, authors, texts, strict=True):
        first = firsts.get((uris[item.remote_id], author.network, author.handle, text))
        is_for_us = not (silent or item.found_by) and first is not None and is_only_found(first)
        if first and (author.claimed_by or not first.author.claimed_by) and not is_for_us:
            found[item.remote_id] = first
    return found


def is_only_found(row: Mention) -> bool:
    """Whether a listener found it, nobody wrote it to us, and we did not answer it either."""
    return bool(row.found_by) and row.is_silent and row.answered_at is None


def part_twins(gone: Iterable[Mention]) -> list[Mention]:
    """These were deleted at their sources: where a twin stands elsewhere, it takes the first one's place. Returns them.

    Two queries and one more for each that had a twin.
    """
    first_of = {row.pk: row for row in gone if row.twin_of_id is None}
    heirs: dict[int, Mention] = {}
    twins = Mention.objects.filter(twin_of__in=first_of, deleted_at=None).select_related("author", "conversation")
    for twin in twins.order_by("-pk"):
        heirs[twin.twin_of_id or 0] = twin
    for pk, heir in heirs.items():
        first = first_of[pk]
        heir.twin_of, heir.is_silent, heir.answered_at = None, first.is_silent, first.answered_at
        heir.save(update_fields=["twin_of", "is_silent", "answered_at"])
        Mention.objects.filter(Q(twin_of=pk) & ~Q(pk=heir.pk)).update(twin_of=heir)
    return list(heirs.values())
