"""Who wrote: public authors, and how one becomes, or is known as, a contact.

A stranger stays a public author until somebody makes them a contact. One whose handle or address an identity already
names is linked at once, if the network vouches for the handle; a handle that is only claimed is a suggestion, which a
person may take. Once linked, what they wrote is told to the ledger.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from contacts.addresses import BadAddressError, normalise_email, normalise_handle, normalise_phone
from contacts.editing import create_contact
from contacts.history.accounts import keep_account
from contacts.merging import survivor_of
from contacts.models import Contact, Identity, Merged
from contacts.reserved_ids import names_nobody
from contacts.sharing import use_shared
from conversations.authors.shared_senders import part_shared
from conversations.authors.telling_authors import MAIL, PHONES, tell_about
from conversations.channels import Heard, network_name, vouches
from conversations.models import Connection, PublicAuthor
from lib.clock import now
from lib.foreign.cleaning import to_line, to_link
from lib.sql import array_of, run_sql
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

Key = tuple[str, str]
KINDS = (Identity.Kind.EMAIL, Identity.Kind.HANDLE, Identity.Kind.PHONE)
LINKED = ("wrote as ", "linked by hand", "proven by a code")  # how the evidence of an identity of linking begins


def handle_of(connection: Connection, item: Heard) -> Key:
    """(network, handle) in one spelling.

    Whoever is called "guest" or "undefined" is nobody in particular: each post has a writer of its own, in private each
    thread.
    """
    network, handle = item.network or connection.network, item.handle.strip().lstrip("@").lower()[:200]
    if names_nobody(handle):
        is_public = connection.is_public if item.is_public is None else item.is_public
        one = item.remote_id if is_public or not item.thread else f"thread {item.thread}"
        handle = f"{handle[:180]}#{sha256(f'{connection.pk} {one}'.encode()).hexdigest()[:12]}"
    return network, handle


def find_authors(connection: Connection, items: Sequence[Heard]) -> dict[Key, PublicAuthor]:
    """The author of each item, made where unknown, brought up to date, linked where an identity names them."""
    newest = {handle_of(connection, item): item for item in items}
    claimed = _claimed(connection, items)
    rows = PublicAuthor.objects.filter(
        network__in={n for n, _h in newest}, handle__in={h for _n, h in newest}, claimed_by__in=set(claimed.values())
    )
    found = {key: row for row in rows if claimed.get(key := (row.network, row.handle)) == row.claimed_by}
    for key in part_shared(list(found.values())):
        del found[key]
    made = [PublicAuthor(network=key[0], handle=key[1], claimed_by=claimed[key]) for key in newest if key not in found]
    known = [row for key, row in found.items() if key in newest]
    everyone = [*known, *made]
    before = {row.pk: _said(row) for row in known}
    for row in everyone:
        item = newest[row.network, row.handle]
        row.name = to_line(item.name, 200) or row.name
        row.url = to_link(item.author_url) or row.url
        row.followers = item.followers if item.followers is not None else row.followers
        row.seen_at = now()
    owners = _owners([row for row in everyone if row.contact_id is None and not row.claimed_by])
    for row in everyone:
        row.contact_id = row.contact_id or _not_parted(row, owners.get((row.network, row.handle)))
    changed = [row for row in known if _said(row) != before[row.pk]]
    PublicAuthor.objects.bulk_update(changed, ["name", "url", "followers", "contact"])
    PublicAuthor.objects.filter(pk__in=before).update(seen_at=now())
    PublicAuthor.objects.bulk_create(made)
    return {(row.network, row.handle): row for row in everyone}


def _not_parted(row: PublicAuthor, contact_id: int | None) -> int | None:
    """The contact, unless somebody said that this author is not them."""
    if contact_id is None or row.parted_from_id is None:
        return contact_id
    return None if contact_id in {row.parted_from_id, survivor_of(row.parted_from_id)} else contact_id


def _said(row: PublicAuthor) -> tuple[str, str, int | None, int | None]:
    return row.name, row.url, row.followers, row.contact_id


def _claimed(connection: Connection, items: Sequence[Heard]) -> dict[Key, int]:
    """`claimed_by` of each author: 0 where all that they wrote here is proven to be theirs."""
    vouched, proven = vouches(connection), dict[Key, bool]()
    for item in items:
        key = handle_of(connection, item)
        proven[key] = proven.get(key, True) and (vouched if item.is_proven is None else item.is_proven)
    return {key: 0 if is_proven else connection.pk for key, is_proven in proven.items()}


@transaction.atomic
def make_contact(author: PublicAuthor, *, by: User | None) -> Contact:
    """The author becomes a contact, with everything they wrote and we answered on their timeline.

    May be repeated: an author who is one already stays the same. One named by an identity is linked to its contact,
    if the network vouches for the handle; one who only claims it becomes somebody new.
    """
    author = PublicAuthor.objects.select_for_update().get(pk=author.pk)
    if author.contact_id:
        return Contact.objects.get(pk=author.contact_id)
    owner = None if author.claimed_by else _owners([author]).get((author.network, author.handle))
    contact = Contact.objects.get(pk=owner) if owner else create_contact(by=by, **_facts_of(author))
    link_author(author, contact, by=by)
    return contact


def _facts_of(author: PublicAuthor) -> dict[str, str]:
    """What a new contact begins with: of who writes by email the address, too, unless it is somebody else's."""
    facts = {"name": author.name or author.handle}
    if author.network in MAIL and not _owners([author], kinds=(Identity.Kind.EMAIL,)):
        facts["email"] = author.handle
    if author.network in PHONES:
        facts["phone"] = author.handle
    return facts


@transaction.atomic
def link_author(
    author: PublicAuthor, contact: Contact, *, by: User | None, is_proven: bool = False, why: str = ""
) -> None:
    """This author is that contact: the handle becomes an identity, their words go to the timeline. May be repeated.

    `is_proven`: they said so themselves, by a code that only they had. `why` goes into the history of the person.
    """
    _write_identity(author, contact, by, is_proven=is_proven)
    if author.parted_from_id is not None:
        author.parted_from_id = None
        author.save(update_fields=["parted_from_id"])
    tell_about([author], {author.pk: contact.pk})
    if why:
        keep_account(contact.pk, author.pk, network_name(author.network), why=why, by_id=by.pk if by else None)
    if by is not None:
        audit("author.linked", by=by, target=author, contact=contact.pk)


def link_known_authors(contact_ids: Iterable[int]) -> int:
    """Authors whose proven handle now belongs to one of these contacts are linked to them. Returns how many.

    One statement where they name nobody, whatever their number.
    """
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(contact_ids),
        "email": int(Identity.Kind.EMAIL),
        "handle": int(Identity.Kind.HANDLE),
        "mail": sorted(MAIL),
        "phone": int(Identity.Kind.PHONE),
        "phones": sorted(PHONES),
    }
    found = run_sql("conversations/strangers_named", params)
    if not found:
        return 0
    ids = [author for author, _value in found if author is not None]
    handles = {value.rpartition(":")[2] for _author, value in found if value is not None}
    named = Q(pk__in=ids) | Q(handle__in=handles) if handles else Q(pk__in=ids)
    strangers = list(PublicAuthor.objects.filter(named, contact=None, claimed_by=0))
    owners = _owners(strangers)
    authors = [row for row in strangers if _not_parted(row, owners.get((row.network, row.handle)))]
    tell_about(authors, {row.pk: owners[row.network, row.handle] for row in authors})
    return len(authors)


def owner_of(author: PublicAuthor, *, kinds: Sequence[int] = ()) -> int | None:
    """The contact whom an identity of these kinds names by this author's handle, by default the kind it proves."""
    return _owners([author], kinds=kinds).get((author.network, author.handle))


def on_contacts_changed(contact_ids: list[int]) -> None:
    """News: fields or ways to reach of these people changed."""
    link_known_authors(contact_ids)


def _write_identity(author: PublicAuthor, contact: Contact, by: User | None, *, is_proven: bool = False) -> None:
    try:
        if author.network in MAIL:
            kind, value = Identity.Kind.EMAIL, normalise_email(author.handle)
        elif author.network in PHONES:
            kind, value = Identity.Kind.PHONE, normalise_phone(author.handle)
        else:
            kind, value = (
                Identity.Kind.HANDLE,
                max(spellings_of(author) or {normalise_handle(author.handle)}, key=_plainness),
            )
    except BadAddressError:
        return
    evidence = f"wrote as {author.network}" if by is None else f"linked by hand from {author.network}"
    evidence = f"proven by a code on {author.network}" if is_proven else evidence
    if use_shared(contact, kind, value, evidence=evidence):
        return
    Identity.objects.get_or_create(
        kind=kind, value=value, shared_key=0, defaults={"contact": contact, "evidence": evidence[:120]}
    )


def _plainness(spelling: str) -> bool:
    return ":" not in spelling


def _owners(authors: Sequence[PublicAuthor], kinds: Sequence[int] = ()) -> dict[Key, int]:
    """(network, handle) → contact, where an identity names the author. Two queries.

    Of the kind that the network proves, unless `kinds` says which: @ina@tea.example is no email address. A shared address
    names nobody: whoever writes from it is somebody whom a colleague tells.
    """
    spelt = {(row.network, row.handle): spellings_of(row) for row in authors}
    every = set().union(*spelt.values()) if spelt else set()
    if not every:
        return {}
    rows = Identity.objects.filter(kind__in=KINDS, value__in=every, shared_key=0).order_by("-kind")
    known = {(kind, value): contact for kind, value, contact in rows.values_list("kind", "value", "contact_id")}
    owners = {}
    for key, values in spelt.items():
        proven = kinds or (proven_kind(key[0]),)
        found = [known[kind, value] for kind in proven for value in sorted(values) if (kind, value) in known]
        if found:
            owners[key] = found[0]
    links = Merged.objects.filter(loser__in=set(owners.values()))
    survivors = dict(links.values_list("loser_id", "survivor_id")) if owners else {}
    return {key: survivors.get(contact, contact) for key, contact in owners.items()}


def proven_kind(network: str) -> int:
    """The kind of identity that a handle of this network is."""
    if network in PHONES:
        return Identity.Kind.PHONE
    return Identity.Kind.EMAIL if network in MAIL else Identity.Kind.HANDLE


def spellings_of(author: PublicAuthor) -> set[str]:
    """How an identity may spell this author: the handle itself, only where a handle says which server it is of.

    A bare name ("anna") on one network proves nothing about an "anna" elsewhere, so it needs its network in front.
    """
    if author.network in PHONES:
        return {author.handle}
    try:
        plain = normalise_handle(author.handle)
    except BadAddressError:
        return set()
    return {plain, f"{author.network}:{plain}"} if "@" in plain or "." in plain else {f"{author.network}:{plain}"}
