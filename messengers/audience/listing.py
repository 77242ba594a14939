"""The files of an audience, written while somebody takes them: who is on the list, and who has to come off it.

Nothing lies on a disk: the list is the deliveries of its message, whoever was erased is out of it already,
and 30 days after it was made nobody can take it any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from consent.gate import standing_among
from contacts.models import Contact, Identity
from contacts.postal import PostalAddress, postal_addresses
from delivery.engine.claiming import ask_of
from delivery.models import Delivery, Message
from lib.clock import now
from lib.exporting import write_table
from messengers.audience.hashing import NETWORKS, PLAIN, Network, Person
from workspaces.current import working_in
from workspaces.models import Workspace

AT_ONCE = 1_000
KEPT = timedelta(days=30)
NOBODY = PostalAddress()


@dataclass(frozen=True)
class AudienceFile:
    """The lines of a file. `is_for_removal`: of those who may be shown ads no more, instead of those who may."""

    workspace: Workspace
    message: Message
    is_for_removal: bool = False

    def __iter__(self) -> Iterator[str]:
        network = network_of(self.message)
        after: int | None = 0
        yield _lines([list(network.columns)])
        while after is not None:
            with working_in(self.workspace):
                people, after = page_of_list(
                    self.message, after=after, limit=AT_ONCE, is_for_removal=self.is_for_removal
                )
            if people:
                yield _lines([network.row(one) for one in people])


def page_of_list(
    message: Message, *, after: int, limit: int, is_for_removal: bool = False
) -> tuple[list[Person], int | None]:
    """The people among the next `limit` on the list behind a contact, and behind whom to go on; None after the last.

    Nobody erased is among them. A few statements, whatever the number.
    """
    rows = list(
        on_list(message).filter(contact__gt=after).order_by("contact")[: limit + 1].values_list("contact", "address")
    )
    shown, more = rows[:limit], len(rows) > limit
    may = standing_among(ask_of(message), [pk for pk, _address in shown]) if shown else set()
    wanted = {pk: address for pk, address in shown if (pk in may) is not is_for_removal}
    return list(_people(wanted).values()), shown[-1][0] if more else None


def on_list(message: Message) -> QuerySet[Delivery]:
    """The deliveries of those who were put on the list; an erasure takes the address."""
    return Delivery.objects.filter(message=message, state=Delivery.State.SENT).exclude(address="")


def network_of(message: Message) -> Network:
    """The network that its sender makes lists for."""
    chosen = message.sender.settings.get("network", "") if message.sender else ""
    return NETWORKS.get(chosen, PLAIN)


def ends_at(message: Message) -> datetime | None:
    """Until when its files can be taken; None while nobody is on the list."""
    begun = message.finished_at or message.planned_at
    return begun + KEPT if begun else None


def is_there(message: Message) -> bool:
    """Whether its files can be taken now."""
    end = ends_at(message)
    return end is not None and now() < end


def _people(addresses: dict[int, str]) -> dict[int, Person]:
    """Contact → what the networks are told of them."""
    if not addresses:
        return {}
    known = Contact.objects.in_bulk(list(addresses))
    phones, places = _phones(list(addresses)), postal_addresses(list(addresses))
    return {
        pk: Person(
            email=address,
            phone=phones.get(pk, ""),
            given_name=known[pk].given_name or known[pk].name.partition(" ")[0],
            family_name=known[pk].family_name or known[pk].name.partition(" ")[2],
            country=known[pk].country,
            postcode=places.get(pk, NOBODY).postcode,
        )
        for pk, address in addresses.items()
        if pk in known
    }


def _phones(contact_ids: list[int]) -> dict[int, str]:
    """Contact → the number that messages to them go to."""
    held = Identity.objects.filter(contact__in=contact_ids, kind=Identity.Kind.PHONE, former_since=None)
    ordered = held.order_by("contact", F("preferred_at").desc(nulls_last=True), "pk")
    found: dict[int, str] = {}
    for pk, value in ordered.values_list("contact", "value"):
        found.setdefault(pk, value)
    return found


def _lines(rows: list[list[str]]) -> str:
    head, *rest = rows
    return write_table(head, rest)
