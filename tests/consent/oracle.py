"""How one person stands, read row by row in plain Python: written apart from consent/sql on purpose."""

from consent.eligibility import Eligibility
from consent.models import Consent, Suppression
from contacts.addresses import address_hash
from contacts.channels import identity_kind_of
from contacts.models import Identity, Merged
from lib.clock import now


def eligibility_of(channel, topic_id, contact) -> Eligibility:
    link = Merged.objects.filter(loser=contact).select_related("survivor").first()
    main = link.survivor if link else contact
    members = [main, *(row.loser for row in Merged.objects.filter(survivor=main).select_related("loser"))]
    kind = identity_kind_of(channel)
    address = main_address(main, kind)
    stops = stops_of(channel, kind, members, address)
    word = word_of(channel, topic_id, kind, members)
    return Eligibility(
        asked_id=contact.pk,
        id=main.pk,
        channel=int(channel),
        address=address,
        erased_at=main.erased_at,
        dialogue_mode=main.dialogue_mode,
        contact_frequency=main.contact_frequency,
        paused_until=main.paused_until,
        complaint_since=main.complaint_since,
        zone=main.zone,
        complaint_at=stops.get("complaint"),
        bounce_at=stops.get("bounce"),
        objection_at=stops.get("objection"),
        blocked_at=stops.get("manual"),
        forgotten_at=stops.get("erased"),
        word_id=word.pk if word else None,
        word_state=word.state if word else None,
        word_topic_id=word.topic_id if word else None,
        word_basis=word.basis if word else None,
        word_source=word.source if word else None,
        word_at=word.at if word else None,
        word_lapsed=bool(word and has_lapsed(word)),
        country=main.country,
        held_until=held_until(channel, address),
    )


def main_address(main, kind):
    if kind == Identity.Kind.EMAIL:
        return main.email
    current = [row for row in Identity.objects.filter(contact=main, kind=kind) if row.former_since is None]
    preferred = [row for row in current if row.preferred_at is not None]
    if preferred:
        return max(preferred, key=lambda row: (row.preferred_at, -row.pk)).value
    return min(current, key=lambda row: row.pk).value if current else ""


def held_until(channel, address):
    """When the hold on their main address ends, if one stands."""
    for row in Suppression.objects.filter(channel=channel, address_hash=address_hash(address), lifted_at=None):
        if row.ends_at is not None and row.ends_at > now():
            return row.ends_at
    return None


def stops_of(channel, kind, members, address):
    """Reason → moment of what stands on the suppression list for any of their addresses."""
    found = {}
    values = set(Identity.objects.filter(contact__in=members, kind=kind).values_list("value", flat=True))
    if kind == Identity.Kind.EMAIL:
        values |= {member.email for member in members if member.email}
    for value in values:
        for row in Suppression.objects.filter(channel=channel, address_hash=address_hash(value), lifted_at=None):
            if row.ends_at is not None:
                continue
            if row.reason == Suppression.Reason.BOUNCE and value != address:
                continue
            found[row.reason] = max(row.at, found.get(row.reason, row.at))
    return found


def word_of(channel, topic_id, kind, members):
    """The newest word from each address; of several people's the most restrictive."""
    newest = {}
    for member in members:
        voice = member.email if kind == Identity.Kind.EMAIL and member.email else str(member.pk)
        said = list(Consent.objects.filter(contact=member, channel=channel))
        undone = [row.undoes_id for row in said if row.state == Consent.State.UNDONE]
        for row in said:
            if row.state not in {Consent.State.GIVEN, Consent.State.WITHDRAWN} or row.pk in undone:
                continue
            if row.topic_id not in {None, topic_id}:
                continue
            if voice not in newest or (row.at, row.pk) > (newest[voice].at, newest[voice].pk):
                newest[voice] = row
    return max(newest.values(), key=lambda row: (row.state, has_lapsed(row), row.at, row.pk), default=None)


def has_lapsed(row):
    return row.state == Consent.State.GIVEN and row.expires_at is not None and row.expires_at <= now()
