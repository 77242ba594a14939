"""The words about what people agreed to, the do-not-contact list, other segments and chance."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from contacts.models import Channel, Consent, Contact, Segment, SegmentMember, Topic
from contacts.segments.comparing import check_keys, expect
from contacts.segments.words import Building, Evidence, Path, Phrase
from contacts.standing import ADDRESS_KINDS, standing_of

CHANNEL_NAMES = {Channel(channel).name.lower(): Channel(channel) for channel in ADDRESS_KINDS}
CONSENT_STATES = ("given", "withdrawn", "none")
BUCKETS = 10_000
WORDS_SAID = """
  SELECT DISTINCT ON (said.contact_id) said.contact_id, said.state, said.lapsed
  FROM (SELECT DISTINCT ON (who.contact_id, who.voice) who.contact_id, k.state, k.at, k.id,
               k.state = 1 AND coalesce(k.expires_at <= %(r_now)s, false) AS lapsed
        {from_consents}
        JOIN contacts_contact s ON s.workspace_id = %(workspace)s AND s.id = k.contact_id
        CROSS JOIN LATERAL (SELECT coalesce(m.survivor_id, k.contact_id) AS contact_id,
                                   CASE WHEN {is_mail} AND s.email <> '' THEN s.email ELSE s.id::text END AS voice) who
        WHERE k.workspace_id = %(workspace)s AND k.channel = {channel} AND k.state IN (1, 2)
          AND (k.topic_id IS NULL OR k.topic_id = {topic}){only}
        ORDER BY who.contact_id, who.voice, k.at DESC, k.id DESC) AS said
  ORDER BY said.contact_id, said.state DESC, said.lapsed DESC, said.at DESC, said.id DESC"""
STOPPED = """
  SELECT DISTINCT a.contact_id
  FROM (SELECT one.contact_id,
               encode(substr(sha256(%(outer_pad)s::bytea || sha256(%(inner_pad)s::bytea
                      || convert_to(one.value, 'UTF8'))), 1, 16), 'hex') AS hidden
        FROM (SELECT coalesce(m.survivor_id, i.contact_id) AS contact_id, i.value
              {from_identities} WHERE i.workspace_id = %(workspace)s AND i.kind = {kind}{only_identities}
              UNION
              SELECT coalesce(m.survivor_id, p.id), p.email FROM contacts_contact p
              LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = p.id
              WHERE p.workspace_id = %(workspace)s AND {is_mail} AND p.email <> ''{only_people}) AS one
       ) AS a
  JOIN contacts_suppression s ON s.workspace_id = %(workspace)s AND s.channel = {channel} AND s.address_hash = a.hidden
  WHERE s.lifted_at IS NULL"""


def check_channel(argument: Any, path: Path) -> None:
    names = ", ".join(CHANNEL_NAMES)
    expect(argument.get("channel") in CHANNEL_NAMES, path, _("The channel is one of: %(names)s.") % {"names": names})


def check_consent(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["channel", "state"], ["topic"])
    check_channel(argument, path)
    expect(argument["state"] in CONSENT_STATES, path, _("The answer is given, withdrawn or none."))
    topic = argument.get("topic")
    known = topic is None or (isinstance(topic, str) and Topic.objects.filter(key=topic).exists())
    expect(known, path, _("There is no topic “%(topic)s”.") % {"topic": topic})


def consent_condition(argument: Any, building: Building) -> str:
    channel, topic = CHANNEL_NAMES[argument["channel"]], _topic(argument)
    words = WORDS_SAID.format(
        from_consents=building.survivors("contacts_consent", "k"),
        is_mail="TRUE" if channel == Channel.EMAIL else "FALSE",
        channel=building.param(int(channel)),
        topic=building.param(topic.pk if topic else None) + "::bigint",
        only=building.only("k.contact_id"),
    )
    tests = {"given": "state = 1 AND NOT lapsed", "withdrawn": "state = 2", "none": "state IN (1, 2)"}
    inside = building.people(f"SELECT contact_id FROM ({words}) AS word WHERE {tests[argument['state']]}")
    return f"(NOT {inside})" if argument["state"] == "none" else inside


def consent_phrase(argument: Any) -> Phrase:
    verbs = {"given": _("agreed to"), "withdrawn": _("said no to"), "none": _("never answered about")}
    topic = _topic(argument)
    value = topic.name if topic else _("everything")
    by = _("by %(channel)s") % {"channel": CHANNEL_NAMES[argument["channel"]].label}
    return Phrase(verbs[argument["state"]], "", f"{value} {by}", "circle-check")


def consent_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    topic = _topic(argument)
    rows = Consent.objects.filter(contact__in=members, channel=CHANNEL_NAMES[argument["channel"]])
    row = (rows.filter(topic=None) | rows.filter(topic=topic)).order_by("-at", "-id").first()
    return (
        Evidence(f"{row.get_state_display()}, {row.source}".rstrip(", "), row.at) if row else Evidence(_("no answer"))
    )


def check_suppressed(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["channel"])
    check_channel(argument, path)


def suppressed_condition(argument: Any, building: Building) -> str:
    building.pads()
    channel = CHANNEL_NAMES[argument["channel"]]
    return building.people(
        STOPPED.format(
            from_identities=building.survivors("contacts_identity", "i"),
            kind=building.param(int(ADDRESS_KINDS[channel])),
            is_mail="TRUE" if channel == Channel.EMAIL else "FALSE",
            channel=building.param(int(channel)),
            only_identities=building.only("i.contact_id"),
            only_people=building.only("p.id"),
        )
    )


def suppressed_phrase(argument: Any) -> Phrase:
    return Phrase(_("is on the do-not-contact list"), _("for"), CHANNEL_NAMES[argument["channel"]].label, "hand-stop")


def suppressed_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    person = Contact.objects.get(pk=members[0])
    stands = standing_of(CHANNEL_NAMES[argument["channel"]], None, person)
    since = stands.complaint_at or stands.bounce_at or stands.objection_at or stands.blocked_at or stands.forgotten_at
    return Evidence(_("on the list"), since) if since else Evidence(_("not on the list"))


def check_segment(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["id"], ["in"])
    expect(type(argument["id"]) is int, path, _("This needs a segment."))
    expect(isinstance(argument.get("in", True), bool), path, _("This needs yes or no."))


def segment_condition(argument: Any, building: Building) -> str:
    inside = building.people(
        f"SELECT s.contact_id FROM contacts_segmentmember s WHERE s.workspace_id = %(workspace)s"
        f" AND s.segment_id = {building.param(argument['id'])}{building.only('s.contact_id')}"
    )
    return inside if argument.get("in", True) else f"(NOT {inside})"


def segment_phrase(argument: Any) -> Phrase:
    name = Segment.objects.filter(pk=argument["id"]).values_list("name", flat=True).first() or _(
        "a segment that is gone"
    )
    return Phrase(_("is in") if argument.get("in", True) else _("is not in"), _("the segment"), name, "filter")


def segment_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    row = SegmentMember.objects.filter(segment=argument["id"], contact=members[0]).first()
    return Evidence(_("in it"), row.entered_at) if row else Evidence(_("not in it"))


def check_bucket(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["salt", "from", "to"])
    start, end = argument["from"], argument["to"]
    fits = type(start) is int and type(end) is int and 0 <= start < end <= BUCKETS
    expect(fits and isinstance(argument["salt"], str), path, _("A share runs from 0 to %(n)s.") % {"n": BUCKETS})


def bucket_condition(argument: Any, building: Building) -> str:
    salt, start, end = (building.param(argument[key]) for key in ("salt", "from", "to"))
    number = f"""(('x' || encode(substr(sha256(convert_to({salt}::text || ':' || c.id::text, 'UTF8')), 1, 4), 'hex'))
      ::bit(32)::bigint % {BUCKETS}::bigint)"""
    number = number.replace(" % ", " %% ")
    return f"({number} >= {start} AND {number} < {end})"


def bucket_phrase(argument: Any) -> Phrase:
    share = (argument["to"] - argument["from"]) * 100 / BUCKETS
    return Phrase(_("falls by chance into"), "", f"{share:g} %", "arrows-split")


def bucket_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    return Evidence(_("number %(n)s of 10,000") % {"n": bucket_of(argument["salt"], members[0])})


def bucket_of(salt: str, contact_id: int) -> int:
    """The stable number of a contact for this salt, 0 to 9,999."""
    return int.from_bytes(sha256(f"{salt}:{contact_id}".encode()).digest()[:4], "big") % BUCKETS


def _topic(argument: Any) -> Topic | None:
    return Topic.objects.filter(key=argument["topic"]).first() if argument.get("topic") else None
