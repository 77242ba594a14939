from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.consenting import give_consent, suppress, withdraw_consent
from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, Segment, SegmentMember, Tag, Trait
from contacts.segments.compiler import RuleError, check_rule, compile_rule
from contacts.segments.counting import count_lines, count_rule, ids_fitting
from contacts.segments.explaining import explain
from contacts.segments.leaves_standing import bucket_of
from tests.contacts.segments.oracle import Event, Person, fits
from tests.factories.contacts import letter, make_contact
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in

CITIES, TAGS, ROLES = ["", "Bonn", "Ghent"], ["vip", "fair", "wholesale"], ["customer", "critic", "influencer"]
KIND_NAMES = ["purchase", "opened", "message"]

texts = st.sampled_from(["Bonn", "Ghent", "on", "G"])
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
            {"path": st.just("sku"), "op": st.sampled_from(["=", "!=", "starts"]), "value": st.sampled_from("ab")}
        ),
        st.fixed_dictionaries({"path": st.just("sku"), "op": st.sampled_from(["set", "unset"])}),
    ),
    max_size=2,
)
leaves = st.one_of(
    st.builds(
        lambda op, v: {"field": {"name": "city", "op": op, "value": v}},
        st.sampled_from(["=", "!=", "contains", "starts"]),
        texts,
    ),
    st.builds(lambda op: {"field": {"name": "city", "op": op}}, st.sampled_from(["set", "unset"])),
    st.builds(
        lambda op, v: {"field": {"name": "dial", "op": op, "value": v}},
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
        lambda op, v: {"trait": {"name": "tea", "op": op, "value": v}}, st.sampled_from(["=", "!=", "contains"]), texts
    ),
    st.builds(
        lambda op, v: {"trait": {"name": "points", "op": op, "value": v}},
        st.sampled_from(["=", "!=", "<", ">="]),
        st.integers(0, 5),
    ),
    st.builds(lambda op: {"trait": {"name": "tea", "op": op}}, st.sampled_from(["set", "unset"])),
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
        lambda s: {"consent": {"channel": "email", "topic": "letter", "state": s}},
        st.sampled_from(["given", "withdrawn", "none"]),
    ),
    st.just({"suppressed": {"channel": "email"}}),
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
        lambda kind, days, value, certainty, size, sku: (
            kind,
            days,
            value,
            certainty,
            {"size": size} | ({"sku": sku} if sku else {}),
        ),
        st.sampled_from(KIND_NAMES),
        st.sampled_from([1, 6, 29, 31, 200, 500]),
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from([0, 0, 2]),
        st.integers(0, 3),
        st.sampled_from(["", "a", "ab", "b"]),
    ),
    max_size=4,
)
people = st.lists(
    st.fixed_dictionaries(
        {
            "city": st.sampled_from(CITIES),
            "dial": st.integers(0, 3),
            "complaint": st.sampled_from([None, 3, 20]),
            "state": st.sampled_from(["known", "known", "known", "anonymous", "erased"]),
            "roles": st.sets(st.sampled_from(ROLES), max_size=2),
            "tags": st.sets(st.sampled_from(TAGS), max_size=2),
            "tea": st.one_of(st.none(), texts),
            "points": st.one_of(st.none(), st.integers(0, 5)),
            "events": events,
            "word": st.sampled_from(["none", "given", "withdrawn"]),
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


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rule=rules, people=people)
def test_the_compiler_and_plain_python_agree_on_any_rule_and_any_people(kettle, rule, people):
    with working_in(kettle), transaction.atomic():
        now = timezone.now()
        segment = Segment.objects.create(name="Elsewhere")
        rule = put_segment(rule, segment.pk)
        plain = build_world(people, segment, now)
        expected = {one.id for one in plain if fits(rule, one, now)}

        assert set(ids(compile_rule(rule, now=now))) == expected
        everyone = list(Contact.objects.values_list("pk", flat=True))
        some = everyone[: len(everyone) // 2 + 1]
        survivors = {one.id for one in plain} & {survivor(pk) for pk in some}
        assert set(ids(compile_rule(rule, only=some, now=now))) == expected & survivors
        for person in plain:
            assert explain(rule, Contact.objects.get(pk=person.id)).fits == (person.id in expected)
        transaction.set_rollback(True)


def ids(compiled):
    from ecrm.lib.sql import run_text

    found = [row[0] for row in run_text(compiled.sql, compiled.params)]
    assert len(found) == len(set(found))
    return found


def survivor(pk):
    from contacts.merging import survivor_of

    return survivor_of(pk)


def build_world(drawn, segment, now):
    """Rows for the drawn people, and the same as plain objects of the survivors."""
    contacts, plain = [], []
    for one in drawn:
        complaint = now - timedelta(days=one["complaint"]) if one["complaint"] else None
        contact = make_contact(
            city=one["city"],
            dial=one["dial"],
            complaint_since=complaint,
            is_anonymous=one["state"] == "anonymous",
            erased_at=now if one["state"] == "erased" else None,
            roles=[Audience[name.upper()] for name in one["roles"]],
            tags=one["tags"],
            traits={k: one[k] for k in ("tea", "points") if one[k] is not None},
        )
        if one["word"] == "given":
            give_consent(contact, topic=letter())
        elif one["word"] == "withdrawn":
            withdraw_consent(contact, topic=letter())
        if one["suppressed"]:
            suppress(contact.email)
        if one["member"]:
            SegmentMember.objects.create(segment=segment, contact=contact)
        made = [
            Event(kind, now - timedelta(days=days), value, certainty, payload)
            for kind, days, value, certainty, payload in one["events"]
        ]
        Touchpoint.objects.bulk_create(
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
        contacts.append(contact)
        plain.append(
            Person(
                id=contact.pk,
                city=one["city"],
                dial=one["dial"],
                complaint_since=complaint,
                is_known=one["state"] == "known",
                roles=set(one["roles"]),
                tags=set(one["tags"]),
                traits=[(k, one[k]) for k in ("tea", "points") if one[k] is not None],
                events=made,
                word=one["word"],
                is_suppressed=one["suppressed"],
                segments={segment.pk} if one["member"] else set(),
            )
        )
    return merge_some(drawn, contacts, plain)


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
        order = ["none", "given", "withdrawn"]
        plain[into] = replace(
            winner,
            roles=winner.roles | loser.roles,
            tags=winner.tags | loser.tags,
            traits=winner.traits + loser.traits,
            events=winner.events + loser.events,
            word=max(winner.word, loser.word, key=order.index),
            is_suppressed=winner.is_suppressed or loser.is_suppressed,
        )
    return [one for number, one in enumerate(plain) if number not in gone]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("rule", "path", "words"),
        [
            ({"all": [{"role": {"in": ["customer"]}}, {"rolle": {}}]}, (1,), "rolle"),
            ({"any": [{"not": {"role": {"in": ["king"]}}}]}, (0, 0), "customer"),
            ({"all": {}}, (), "list"),
            ({"all": [], "any": []}, (), "one word"),
            ({"did": {"kind": "teleport"}}, (), "teleport"),
            ({"did": {"kind": "purchase", "window": {"last_days": "; DROP"}}}, (), "days"),
            ({"did": {"kind": "purchase", "count": {"op": "like", "n": 1}}}, (), "like"),
            (
                {
                    "did": {
                        "kind": "purchase",
                        "count": {"op": ">=", "n": 1},
                        "sum": {"path": "value", "op": ">", "value": 1},
                    }
                },
                (),
                "one thing",
            ),
            ({"field": {"name": "password", "op": "=", "value": "x"}}, (), "password"),
            ({"field": {"name": "city", "op": "="}}, (), "text"),
            ({"trait": {"name": "", "op": "set"}}, (), "name"),
            ({"segment": {"id": 987654}}, (), "gone"),
            ({"bucket": {"salt": "a", "from": 5, "to": 2}}, (), "share"),
            ({"consent": {"channel": "email", "topic": "nope", "state": "given"}}, (), "nope"),
            ("all", (), "one word"),
        ],
    )
    def test_with_its_place_and_reason(self, inside, rule, path, words):
        with pytest.raises(RuleError) as refused:
            check_rule(rule)

        assert refused.value.path == path
        assert words in refused.value.text

    def test_too_deep(self, inside):
        rule = {"role": {"in": ["customer"]}}
        for _ in range(6):
            rule = {"all": [rule]}

        with pytest.raises(RuleError, match="deep"):
            check_rule(rule)

    def test_bottomless(self, inside):
        rule = {"role": {"in": ["customer"]}}
        for _ in range(5000):
            rule = {"not": rule}

        with pytest.raises(RuleError, match="deep"):
            check_rule(rule)

    def test_too_long(self, inside):
        with pytest.raises(RuleError, match="50"):
            check_rule({"any": [{"role": {"in": ["customer"]}}] * 51})

    def test_a_circle(self, inside):
        first, second = Segment.objects.create(name="A"), Segment.objects.create(name="B")
        Segment.objects.filter(pk=second.pk).update(rule={"segment": {"id": first.pk}})

        with pytest.raises(RuleError, match="itself"):
            check_rule({"all": [{"segment": {"id": second.pk}}]}, segment_id=first.pk)


def test_values_are_never_part_of_the_statement(inside):
    nasty = "'; DROP TABLE contacts_contact; -- %s %(x)s"
    rule = {
        "any": [
            {"field": {"name": "city", "op": "contains", "value": nasty}},
            {"tag": {"has_any": [nasty]}},
            {"trait": {"name": nasty, "op": "=", "value": nasty}},
            {"bucket": {"salt": nasty, "from": 0, "to": 10000}},
        ]
    }
    make_contact()

    assert count_rule(rule) == 1
    assert nasty not in compile_rule(rule).sql


def test_an_underscore_is_an_underscore(inside):
    make_contact(city="New_York")
    make_contact(city="New York")

    assert count_rule({"field": {"name": "city", "op": "contains", "value": "w_y"}}) == 1


def test_the_share_by_chance_is_the_same_in_python(inside):
    people = [make_contact().pk for _ in range(40)]

    drawn = ids_fitting({"bucket": {"salt": "may", "from": 0, "to": 5000}})

    assert drawn == {pk for pk in people if bucket_of("may", pk) < 5000}
    assert 0 < len(drawn) < 40


def test_the_count_says_who_is_left_after_each_line(inside):
    for city, roles in [("Bonn", [1]), ("Bonn", [1, 5]), ("Bonn", []), ("Ghent", [1]), ("", [1])]:
        make_contact(city=city, roles=roles)
    rule = {
        "all": [
            {"role": {"in": ["customer"]}},
            {
                "any": [
                    {"field": {"name": "city", "op": "=", "value": "Bonn"}},
                    {"field": {"name": "city", "op": "set"}},
                ]
            },
            {"not": {"any": [{"role": {"in": ["critic"]}}]}},
        ]
    }

    found = count_lines(rule)

    assert (found.people, found.of) == (2, 5)
    assert found.lines == {(0,): 4, (1,): 3, (1, 0): 2, (1, 1): 1, (2,): 2, (2, 0, 0): 1}


def test_other_workspaces_are_not_counted(kettle, rival):
    with working_in(rival):
        make_contact(roles=[1], tags=["vip"])
    with working_in(kettle):
        assert count_rule({"any": [{"role": {"in": ["customer"]}}, {"tag": {"has_any": ["vip"]}}, {"all": []}]}) == 0


def test_why_somebody_is_out_names_the_deciding_line_with_evidence(inside):
    critic = make_contact(city="Bonn", roles=[Audience.CUSTOMER, Audience.CRITIC])
    since = AudienceRole.objects.get(contact=critic, role=Audience.CRITIC).since
    rule = {
        "all": [{"role": {"in": ["customer"]}}, {"not": {"role": {"in": ["critic"]}}}, {"tag": {"has_none": ["x"]}}]
    }

    found = explain(rule, critic)

    assert not found.fits
    assert [(str(line.phrase), line.evidence.since) for line in found.deciding] == [("plays the role of critic", since)]
    assert [line.counts for line in found.lines] == [True, False, True]


def test_merged_people_are_explained_with_each_others_rows(inside):
    one, other = make_contact(), make_contact()
    Tag.objects.create(contact=other, name="vip")
    Trait.objects.create(contact=other, name="tea", text="Assam")
    link_contacts(other.pk, one.pk)

    found = explain(
        {"all": [{"tag": {"has_any": ["vip"]}}, {"trait": {"name": "tea", "op": "=", "value": "Assam"}}]}, other
    )

    assert found.fits
    assert [line.evidence.text for line in found.lines] == ["vip", "Assam"]
