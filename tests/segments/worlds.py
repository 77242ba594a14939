"""Random rules and random people, as rows and as plain objects at once."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from consent.consenting import give_consent, withdraw_consent
from consent.suppressing import suppress
from contacts.merging import link_contacts
from contacts.models import Audience
from segments.models import SegmentMember
from tests.factories.contacts import letter, make_contact
from tests.segments.oracle import Event, Person
from touchpoints.kinds import KINDS
from touchpoints.models import CorrectedFact, Touchpoint

CITIES, TAGS, ROLES = ["", "BONN", "Ghent"], ["vip", "VIP", "fair"], ["customer", "critic", "influencer"]
KIND_NAMES = ["purchase", "opened", "message"]

texts = st.sampled_from(["Bonn", "GHENT", "on", "G"])
counts = st.fixed_dictionaries({"op": st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), "n": st.integers(0, 3)})
windows = st.fixed_dictionaries({"last_days": st.sampled_from([5, 30, 400])})
wheres = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"path": st.just("value"), "op": st.sampled_from(["<", ">=", "!="]), "value": st.integers(0, 9)}
        ),
        st.fixed_dictionaries(
            {"path": st.just("size"), "op": st.sampled_from([">", "<=", "!="]), "value": st.integers(0, 3)}
        ),
        st.fixed_dictionaries(
            {"path": st.just("sku"), "op": st.sampled_from(["=", "!=", "starts"]), "value": st.sampled_from("aB")}
        ),
        st.fixed_dictionaries({"path": st.just("sku"), "op": st.sampled_from(["set", "unset"])}),
    ),
    max_size=2,
)
steps = st.builds(
    lambda k, wh, ce: {"kind": k} | ({"where": wh} if wh else {}) | ce,
    st.sampled_from(KIND_NAMES),
    wheres,
    st.sampled_from([{}, {"certainty": "any"}]),
)
leaves = st.one_of(
    st.builds(
        lambda op, v: {"field": {"name": "city", "op": op, "value": v}},
        st.sampled_from(["=", "!=", "contains", "starts"]),
        texts,
    ),
    st.builds(lambda op: {"field": {"name": "city", "op": op}}, st.sampled_from(["set", "unset"])),
    st.builds(
        lambda op, v: {"field": {"name": "contact_frequency", "op": op, "value": v}},
        st.sampled_from(["=", "<", ">="]),
        st.integers(0, 3),
    ),
    st.sampled_from(
        [
            {"field": {"name": "complaint_since", "op": "last_days", "value": 10}},
            {"field": {"name": "complaint_since", "op": "unset"}},
        ]
    ),
    st.builds(
        lambda op, v: {"field": {"name": "tea", "op": op, "value": v}}, st.sampled_from(["=", "!=", "contains"]), texts
    ),
    st.builds(
        lambda op, v: {"field": {"name": "points", "op": op, "value": v}},
        st.sampled_from(["=", "!=", "<", ">="]),
        st.integers(0, 5),
    ),
    st.builds(lambda op: {"field": {"name": "tea", "op": op}}, st.sampled_from(["set", "unset"])),
    st.builds(lambda names: {"role": {"in": names}}, st.lists(st.sampled_from(ROLES), min_size=1, unique=True)),
    st.builds(
        lambda t, names: {"tag": {t: names}},
        st.sampled_from(["has_any", "has_all", "has_none"]),
        st.lists(st.sampled_from(TAGS), min_size=1),
    ),
    st.builds(
        lambda k, c, w, wh, ce: {"did": {"kind": k, "count": c, "window": w, "where": wh, "certainty": ce}},
        st.sampled_from(KIND_NAMES),
        counts,
        windows,
        wheres,
        st.sampled_from(["human", "any"]),
    ),
    st.builds(
        lambda op, v, w: {"did": {"kind": "purchase", "sum": {"path": "value", "op": op, "value": v}, "window": w}},
        st.sampled_from([">=", "<"]),
        st.integers(0, 15),
        windows,
    ),
    st.builds(
        lambda k, op, d: {"last": {"kind": k, "ago": {"op": op, "days": d}}},
        st.sampled_from(KIND_NAMES),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.sampled_from([5, 30, 400]),
    ),
    st.builds(
        lambda steps, days: {"sequence": {"steps": steps, "within_days": days}},
        st.lists(steps, min_size=2, max_size=4),
        st.sampled_from([1, 5, 25, 30, 199, 400, 499]),
    ),
    st.builds(
        lambda s: {"consent": {"channel": "email", "topic": "letter", "state": s}},
        st.sampled_from(["given", "withdrawn", "none"]),
    ),
    st.just({"suppressed": {"channel": "email"}}),
    st.builds(lambda end: {"bucket": {"salt": "may", "from": 0, "to": end}}, st.sampled_from([1000, 5000, 10_000])),
    st.builds(lambda i: {"segment": {"id": -1, "in": i}}, st.booleans()),
)
rules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda kids: {"all": kids}, st.lists(inner, max_size=3)),
        st.builds(lambda kids: {"any": kids}, st.lists(inner, max_size=3)),
        st.builds(lambda kid: {"not": kid}, inner),
    ),
    max_leaves=6,
)
events = st.lists(
    st.builds(
        lambda kind, days, value, certainty, size, sku, later: (
            kind,
            days,
            value,
            certainty,
            {"size": size} | ({"sku": sku} if sku else {}),
            later,
        ),
        st.sampled_from(KIND_NAMES),
        st.sampled_from([1, 6, 29, 31, 200, 500]),
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from([0, 0, 2]),
        st.integers(0, 3),
        st.sampled_from(["", "a", "ab", "b"]),
        st.sampled_from([None, None, None, 0, 2, "gone"]),  # who it was after all, or that it never was
    ),
    max_size=4,
)
people = st.lists(
    st.fixed_dictionaries(
        {
            "city": st.sampled_from(CITIES),
            "contact_frequency": st.integers(0, 3),
            "complaint": st.sampled_from([None, 3, 20]),
            "state": st.sampled_from(["known", "known", "known", "anonymous", "erased"]),
            "roles": st.sets(st.sampled_from(ROLES), max_size=2),
            "tags": st.sets(st.sampled_from(TAGS), max_size=2),
            "tea": st.one_of(st.none(), texts),
            "points": st.one_of(st.none(), st.integers(0, 5)),
            "events": events,
            "word": st.sampled_from(["none", "given", "lapsed", "withdrawn"]),
            "suppressed": st.booleans(),
            "member": st.booleans(),
            "merge_into": st.one_of(st.none(), st.none(), st.integers(0, 3)),
        }
    ),
    min_size=2,
    max_size=4,
)


def put_segment(node, segment_id):
    """The rule with the number of a real segment in place of -1."""
    if isinstance(node, dict):
        return {
            key: segment_id if (key == "id" and value == -1) else put_segment(value, segment_id)
            for key, value in node.items()
        }
    return [put_segment(child, segment_id) for child in node] if isinstance(node, list) else node


def build_world(drawn, segment, now):
    """Rows for the drawn people, and the same as plain objects of the survivors."""
    contacts, plain = [], []
    for one in drawn:
        complaint = now - timedelta(days=one["complaint"]) if one["complaint"] else None
        contact = make_contact(
            city=one["city"],
            contact_frequency=one["contact_frequency"],
            complaint_since=complaint,
            is_anonymous=one["state"] == "anonymous",
            erased_at=now if one["state"] == "erased" else None,
            roles=[Audience[name.upper()] for name in one["roles"]],
            tags=one["tags"],
            custom={k: one[k] for k in ("tea", "points") if one[k] is not None},
        )
        if one["word"] == "given":
            give_consent(contact, topic=letter())
        elif one["word"] == "lapsed":
            give_consent(contact, topic=letter(), expires_at=now - timedelta(days=1))
        elif one["word"] == "withdrawn":
            withdraw_consent(contact, topic=letter())
        if one["suppressed"]:
            suppress(contact.email)
        if one["member"]:
            SegmentMember.objects.create(segment=segment, contact=contact)
        made = [
            Event(kind, now - timedelta(days=days), value, certainty, payload)
            for kind, days, value, certainty, payload, _later in one["events"]
        ]
        rows = Touchpoint.objects.bulk_create(
            Touchpoint(
                contact=contact,
                kind=KINDS[e.kind].code,
                occurred_at=e.at,
                value_minor=e.value,
                certainty=e.certainty,
                payload=e.payload,
                channel=1,
                direction=0,
                source_id=1,
                external_id="",
            )
            for e in made
        )
        made = correct_some(rows, made, [drawn[-1] for drawn in one["events"]])
        contacts.append(contact)
        plain.append(
            Person(
                id=contact.pk,
                city=one["city"],
                contact_frequency=one["contact_frequency"],
                complaint_since=complaint,
                is_known=one["state"] == "known",
                roles=set(one["roles"]),
                tags=set(one["tags"]),
                custom=[(k, one[k]) for k in ("tea", "points") if one[k] is not None],
                events=made,
                word=one["word"],
                is_suppressed=one["suppressed"],
                segments={segment.pk} if one["member"] else set(),
            )
        )
    return merge_some(drawn, contacts, plain)


def correct_some(rows, made, later):
    """The moments as they stand after what turned out later."""
    standing = []
    for row, event, truth in zip(rows, made, later, strict=True):
        if truth is not None:
            CorrectedFact.objects.create(
                touchpoint_id=row.pk,
                occurred_at=row.occurred_at,
                value_minor=row.value_minor,
                certainty=row.certainty if truth == "gone" else truth,
                is_deleted=truth == "gone",
            )
        if truth != "gone":
            standing.append(event if truth is None else replace(event, certainty=truth))
    return standing


def merge_some(drawn, contacts, plain):
    """Merge as drawn, without chains: the loser's rows count as the survivor's."""
    gone, kept = set(), set()
    for number, one in enumerate(drawn):
        into = one["merge_into"]
        if into is None or into >= len(drawn) or into == number or number in kept or into in gone:
            continue
        link_contacts(contacts[number].pk, contacts[into].pk)
        gone.add(number)
        kept.add(into)
        loser, winner = plain[number], plain[into]
        order = ["none", "given", "lapsed", "withdrawn"]
        plain[into] = replace(
            winner,
            roles=winner.roles | loser.roles,
            tags=winner.tags | loser.tags,
            custom=winner.custom + loser.custom,
            events=winner.events + loser.events,
            word=max(winner.word, loser.word, key=order.index),
            is_suppressed=winner.is_suppressed or loser.is_suppressed,
        )
    return [one for number, one in enumerate(plain) if number not in gone]
