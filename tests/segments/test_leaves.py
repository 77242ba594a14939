"""Each kind of line: what it takes, whom it lets in, what it shows for it, how its form writes and reads it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

import segments.room
from consent.consenting import give_consent, withdraw_consent
from consent.models import Consent, Suppression, Topic
from consent.suppressing import suppress
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, FieldValue, Identity, Tag
from lib.bucketing import BUCKETS, bucket
from segments.builder.drafting import read_rule
from segments.leaf_types.base import Evidence, LeafType, Phrase, QueryBuilder, RuleError, leaf_type, leaf_types
from segments.leaf_types.bucket import BucketForm, BucketLeaf
from segments.leaf_types.channels import CHANNELS
from segments.leaf_types.company import CompanyForm
from segments.leaf_types.consent import ConsentForm, ConsentLeaf
from segments.leaf_types.field import FieldForm, FieldLeaf
from segments.leaf_types.in_segment import InSegmentForm, InSegmentLeaf
from segments.leaf_types.owner import OwnerForm
from segments.leaf_types.role import RoleForm, RoleLeaf
from segments.leaf_types.suppressed import SuppressedForm, SuppressedLeaf
from segments.leaf_types.tag import TagForm, TagLeaf
from segments.models import Segment, SegmentMember
from segments.rules.compiler import compile_rule
from segments.rules.counting import ids_fitting
from tests.factories.contacts import letter, make_contact

NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
DAY, STEP = timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOW, tick=False):
        yield


def refusal(leaf, argument):
    with pytest.raises(RuleError) as refused:
        leaf.open(argument, (3,))
    return refused.value.path, refused.value.text


def said(leaf, argument):
    phrase = leaf.open(argument).phrase()
    return tuple(str(part) for part in (phrase.field, phrase.verb, phrase.value, phrase.icon))


def shown(leaf, argument, *people):
    """(text, since, holds) of the evidence about one person."""
    found = leaf.open(argument).evidence([one.pk for one in people])
    return str(found.text), found.since, found.holds


def fitting(leaf, argument):
    return ids_fitting({leaf.type: argument})


def written(form, **values):
    """What the form makes of these values, or its errors by field."""
    filled = form({f"leaf-{name}": value for name, value in values.items()}, prefix="leaf")
    return filled.argument() if filled.is_valid() else {name: list(one) for name, one in filled.errors.items()}


SAMPLES = {
    "role": {"in": ["customer"]},
    "field": {"name": "city", "op": "set"},
    "tag": {"has_any": ["vip"]},
    "owner": {"nobody": True},
    "company": {"in": [1]},
    "consent": {"channel": "email", "state": "given"},
    "suppressed": {"channel": "email"},
    "picked": {"list": 1},
    "segment": {"id": 7},
    "bucket": {"salt": "may", "from": 0, "to": 1},
}


def test_the_menu_of_the_builder(inside):
    for one in segments.room.room.leaf_types:
        assert one.open(SAMPLES[one.type]).phrase().icon == one.icon
    rows = [(one.order, one.type, one.icon, set(one.reads), one.form) for one in segments.room.room.leaf_types]

    assert rows == [
        (10, "role", "users", {"role"}, RoleForm),
        (20, "field", "id", {"field"}, FieldForm),
        (30, "tag", "tag", {"tag"}, TagForm),
        (35, "owner", "user-check", {"field"}, OwnerForm),
        (36, "company", "building", {"field"}, CompanyForm),
        (60, "consent", "circle-check", {"consent"}, ConsentForm),
        (65, "suppressed", "hand-stop", {"suppression"}, SuppressedForm),
        (70, "segment", "filter", {"membership"}, InSegmentForm),
        (75, "picked", "list-check", {"membership"}, None),
        (80, "bucket", "versions", set(), BucketForm),
    ]
    assert (LeafType.order, LeafType.icon, LeafType.form, LeafType.reads) == (50, "filter", None, frozenset())
    everything = leaf_types()
    assert [(one.order, one.type) for one in everything] == sorted((one.order, one.type) for one in everything)
    assert (leaf_type("role"), leaf_type("rolle")) == (RoleLeaf, None)


class TestWhatALineIs:
    @pytest.mark.parametrize(
        ("argument", "text"),
        [
            (5, "This line needs its values."),
            ([], "This line needs its values."),
            ({}, "This line lacks: from, salt, to."),
            ({"salt": "x", "to": 3}, "This line lacks: from."),
            (
                {"salt": "x", "from": 0, "to": 3, "z": 1, "a": 2},
                "This line has what nobody knows: a, z.",
            ),
            ({"salt": "x", "from": "0", "to": 3}, "This line cannot be read: Expected `int`, got `str` - at `$.from`."),
        ],
    )
    def test_what_cannot_be_read_says_why(self, argument, text):
        assert refusal(BucketLeaf, argument) == ((3,), text)

    def test_a_phrase_leaves_out_what_is_empty_and_hides_what_it_must(self):
        phrase = Phrase("city", "", "Bonn", "id", "round")

        assert (str(phrase), phrase.masked()) == ("city Bonn", Phrase("city", "", "…", "id", "round"))
        assert Phrase("city", "is known", "").masked() == Phrase("city", "is known", "")
        assert (Phrase("a", "b", "c").icon, Phrase("a", "b", "c").shape) == ("filter", "")

    def test_a_kind_of_line_without_more_asks_nobodys_name_and_stands_still(self):
        leaf = LeafType(None)

        assert (leaf.evidence([1]), leaf.identifies(), leaf.moves_with_time()) == (None, False, False)
        assert LeafType.check(None, ()) is None
        for method in (lambda: leaf.condition(None), leaf.phrase):
            with pytest.raises(NotImplementedError):
                method()

    def test_evidence_says_nothing_of_since_or_of_holding_unless_told(self):
        assert Evidence("seen") == Evidence("seen", None, None)

    def test_a_statement_numbers_its_parameters_and_sets(self, inside):
        query = QueryBuilder(now=NOW)

        assert (query.is_restricted, query.params) == (False, {"workspace": inside.pk, "r_now": NOW})
        assert [query.param("a"), query.param("b")] == ["%(r_2)s", "%(r_3)s"]
        assert [query.people("SELECT 1"), query.people("SELECT 2")] == [
            "coalesce(c.id IN (SELECT r_set_1.contact_id FROM r_set_1), false)",
            "coalesce(c.id IN (SELECT r_set_2.contact_id FROM r_set_2), false)",
        ]
        assert query.only("t.contact_id") == ""
        about = QueryBuilder.about([7, 8])
        assert (about.only("t.contact_id"), about.params["r_members"]) == (
            " AND t.contact_id = ANY(%(r_members)s)",
            [7, 8],
        )


class TestRoles:
    def test_those_who_play_one_of_them_now(self, inside):
        greta, critic, was, also_greta = [make_contact() for _ in range(4)]
        AudienceRole.objects.create(contact=also_greta, role=Audience.CUSTOMER, since=NOW - DAY)
        AudienceRole.objects.create(contact=critic, role=Audience.CRITIC)
        AudienceRole.objects.create(contact=was, role=Audience.CUSTOMER, until=NOW)
        link_contacts(also_greta.pk, greta.pk)

        assert fitting(RoleLeaf, {"in": ["customer"]}) == {greta.pk}
        assert fitting(RoleLeaf, {"in": ["customer", "critic"]}) == {greta.pk, critic.pk}
        assert shown(RoleLeaf, {"in": ["customer"]}, greta, also_greta) == ("Customer", NOW - DAY, True)
        assert shown(RoleLeaf, {"in": ["customer"]}, critic) == ("Critic", None, False)
        assert shown(RoleLeaf, {"in": ["customer"]}, was) == ("no role", None, False)

    def test_the_evidence_names_those_that_fit_the_oldest_first(self, inside):
        greta = make_contact()
        for role, days in [(Audience.CUSTOMER, 1), (Audience.CRITIC, 3), (Audience.PROSPECT, 2)]:
            AudienceRole.objects.create(contact=greta, role=role, since=NOW - days * DAY)

        assert shown(RoleLeaf, {"in": ["prospect", "critic"]}, greta) == ("Critic, Prospect", NOW - 3 * DAY, True)
        assert shown(RoleLeaf, {"in": ["employee"]}, greta) == ("Critic, Prospect, Customer", None, False)

    def test_in_words_and_in_its_form(self):
        assert said(RoleLeaf, {"in": ["customer", "critic"]}) == ("plays the role", "of", "customer or critic", "users")
        assert written(RoleForm, roles=["customer", "critic"]) == {"in": ["customer", "critic"]}
        assert RoleForm.initial_of({"in": ["critic"]}) == {"roles": ["critic"]}
        assert RoleForm.initial_of({}) == {"roles": []}
        needs = (
            (3,),
            "This needs one or more of: customer, prospect, influencer, employee, critic.",
        )
        assert refusal(RoleLeaf, {"in": []}) == refusal(RoleLeaf, {"in": ["customer", "king"]}) == needs


class TestTags:
    @pytest.fixture
    def people(self, inside):
        both, one, none, merged = (
            make_contact(tags=["vip", "fair"]),
            make_contact(tags=["vip"]),
            make_contact(tags=["tea"]),
            make_contact(tags=["vip"]),
        )
        other = make_contact(tags=["fair", "vip"])
        link_contacts(other.pk, merged.pk)
        return both.pk, one.pk, none.pk, merged.pk

    @pytest.mark.parametrize(
        ("test", "names", "fit"),
        [
            ("has_any", ["vip", "fair"], [0, 1, 3]),
            ("has_all", ["vip", "fair"], [0, 3]),
            ("has_all", ["vip", "vip"], [0, 1, 3]),
            ("has_none", ["vip", "fair"], [2]),
            ("has_none", ["tea"], [0, 1, 3]),
            ("has_any", ["fair"], [0, 3]),
        ],
    )
    def test_of_everybody_merged_count_together(self, people, test, names, fit):
        assert fitting(TagLeaf, {test: names}) == {people[number] for number in fit}
        for number in (0, 1, 2):
            assert shown(TagLeaf, {test: names}, Contact(pk=people[number]))[2] is (number in fit)

    def test_the_evidence_is_all_of_them(self, people):
        assert shown(TagLeaf, {"has_any": ["vip"]}, Contact(pk=people[0])) == ("fair, vip", None, True)
        assert shown(TagLeaf, {"has_any": ["vip"]}, make_contact()) == ("no tags", None, False)

    @pytest.mark.parametrize(
        ("argument", "words"),
        [
            ({"has_any": ["a", "b"]}, ("tags", "include", "a or b", "tag")),
            ({"has_all": ["a", "b"]}, ("tags", "include all of", "a and b", "tag")),
            ({"has_none": ["a", "b"]}, ("tags", "do not include", "a or b", "tag")),
        ],
    )
    def test_in_words(self, argument, words):
        assert said(TagLeaf, argument) == words

    def test_one_test_with_words_in_it(self):
        one_of = ((3,), "This needs one of: has_any, has_all, has_none.")
        assert refusal(TagLeaf, {"has_any": ["a"], "has_all": ["b"]}) == refusal(TagLeaf, {}) == one_of
        assert refusal(TagLeaf, {"has_any": []}) == ((3,), "This needs a list of words.")

    def test_in_its_form(self, inside):
        assert "Several with commas" in str(TagForm().fields["names"].help_text)
        greta = make_contact(tags=[f"t{number:02}" for number in range(13)])
        Tag.objects.create(contact=make_contact(), name="t00")

        assert written(TagForm, test="has_all", names=" vip , ,fair,") == {"has_all": ["vip", "fair"]}
        assert TagForm.initial_of({"has_none": ["vip", "fair"]}) == {"test": "has_none", "names": "vip, fair"}
        known = ", ".join(f"t{number:02}" for number in range(12))
        assert TagForm().fields["names"].help_text == f"With commas between them. In use: {known}"
        assert written(TagForm, test="has_all", names="x" * 501)["names"][0].startswith("Ensure this value has at most")
        assert greta.tags.count() == 13


class TestConsents:
    @pytest.fixture
    def people(self, inside):
        yes, no, lapsed, silent, asked, everything = [make_contact() for _ in range(6)]
        give_consent(yes, topic=letter(), source="form")
        withdraw_consent(no, topic=letter())
        give_consent(lapsed, topic=letter(), at=NOW - DAY, expires_at=NOW)
        Consent.objects.create(contact=asked, topic=letter(), state=Consent.State.REQUESTED)
        give_consent(everything, topic=None)
        return {"yes": yes, "no": no, "lapsed": lapsed, "silent": silent, "asked": asked, "everything": everything}

    @pytest.mark.parametrize(
        ("state", "names"),
        [
            ("given", {"yes", "everything"}),
            ("withdrawn", {"no"}),
            ("none", {"silent", "asked"}),
        ],
    )
    def test_by_the_word_that_counts(self, people, state, names):
        rule = {"channel": "email", "topic": "letter", "state": state}

        assert fitting(ConsentLeaf, rule) == {people[name].pk for name in names}
        assert {name for name, one in people.items() if shown(ConsentLeaf, rule, one)[2]} == names

    def test_to_everything_or_by_another_channel_is_another_question(self, people):
        everything = {"channel": "email", "state": "given"}
        give_consent(people["no"], topic=letter(), channel=Channel.MOBILE)

        assert fitting(ConsentLeaf, everything) == {people["everything"].pk}
        by_phone = {"channel": "mobile", "topic": "letter", "state": "given"}
        assert fitting(ConsentLeaf, by_phone) == {people["no"].pk}

    def test_the_evidence_is_the_word(self, people):
        rule = {"channel": "email", "topic": "letter", "state": "given"}

        assert shown(ConsentLeaf, rule, people["yes"]) == ("given, form", NOW, True)
        assert shown(ConsentLeaf, rule, people["no"]) == ("withdrawn", NOW, False)
        assert shown(ConsentLeaf, rule, people["lapsed"]) == ("expired", NOW - DAY, False)
        assert shown(ConsentLeaf, rule, people["silent"]) == ("no answer", None, False)
        assert shown(ConsentLeaf, {**rule, "state": "none"}, people["silent"]) == ("no answer", None, True)
        assert shown(ConsentLeaf, {**rule, "state": "none"}, people["yes"]) == ("given, form", NOW, False)

    def test_only_a_yes_can_run_out(self, inside):
        def moves(state):
            return ConsentLeaf.open({"channel": "email", "state": state}).moves_with_time()

        assert [moves(state) for state in ("given", "withdrawn", "none")] == [True, False, False]

    def test_in_words_and_in_its_form(self, inside):
        rule = {"channel": "email", "topic": "letter", "state": "withdrawn"}

        assert said(ConsentLeaf, rule) == ("withdrew consent to", "", "Newsletter by email", "circle-check")
        assert said(ConsentLeaf, {"channel": "mobile", "state": "given"}) == (
            "consented to",
            "",
            "everything by mobile",
            "circle-check",
        )
        assert written(ConsentForm, **rule) == rule
        assert written(ConsentForm, **{**rule, "topic": ""}) == {**rule, "topic": None}
        assert ConsentForm().fields["topic"].choices == [
            ("letter", "Newsletter"),
            ("offers", "Offers"),
            ("", "everything"),
        ]
        assert ConsentForm.initial_of(rule) == rule

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"channel": "web"}, "The channel is one of: email, social, mobile, ads, call, push, whatsapp, rcs."),
            ({"state": "maybe"}, "The answer is given, withdrawn or none."),
            ({"topic": "nope"}, "There is no topic “nope”."),
            ({"topic": ""}, "There is no topic “”."),
        ],
    )
    def test_about_what_there_is(self, inside, change, text):
        rule = {"channel": "email", "topic": "letter", "state": "given", **change}

        assert refusal(ConsentLeaf, rule) == ((3,), text)


class TestTheSuppressionList:
    def test_by_any_address_of_anybody_merged(self, inside):
        by_column, by_identity, loser, winner, free = (
            make_contact(email=""),
            make_contact(),
            make_contact(),
            make_contact(),
            make_contact(),
        )
        Contact.objects.filter(pk=by_column.pk).update(email="column@tea.example")
        Identity.objects.create(contact=by_identity, kind=Identity.Kind.EMAIL, value="second@tea.example")
        link_contacts(loser.pk, winner.pk)
        for address in ("column@tea.example", "second@tea.example", by_identity.email, loser.email):
            suppress(address)

        rule = {"channel": "email"}
        assert fitting(SuppressedLeaf, rule) == {by_column.pk, by_identity.pk, winner.pk}
        some = ids_fitting({"suppressed": rule}, only=[by_column.pk, loser.pk, free.pk])
        assert some == {by_column.pk, winner.pk}
        assert shown(SuppressedLeaf, rule, winner, loser) == ("on the list", NOW, True)
        assert shown(SuppressedLeaf, rule, free) == ("not on the list", None, False)

    def test_on_each_channel_by_itself(self, inside):
        greta = make_contact()
        Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value="+4930901820")
        suppress("+4930901820", channel=Channel.MOBILE)

        found = {name: fitting(SuppressedLeaf, {"channel": name}) for name in CHANNELS}

        assert found == {
            "email": set(),
            "social": set(),
            "mobile": {greta.pk},
            "ads": set(),
            "call": set(),
            "whatsapp": set(),
            "rcs": set(),
            "push": set(),
        }

    def test_since_the_first_of_its_entries(self, inside):
        greta = make_contact()
        for reason, days in [("bounce", 2), ("objection", 5), ("manual", 1)]:
            Suppression.objects.create(address_hash=address_hash(greta.email), reason=reason, at=NOW - days * DAY)

        assert shown(SuppressedLeaf, {"channel": "email"}, greta) == ("on the list", NOW - 5 * DAY, True)

    def test_in_words_and_in_its_form(self):
        assert said(SuppressedLeaf, {"channel": "call"}) == ("is on the suppression list", "for", "call", "hand-stop")
        assert written(SuppressedForm, channel="call") == {"channel": "call"}
        assert refusal(SuppressedLeaf, {"channel": "chat"}) == (
            (3,),
            "The channel is one of: email, social, mobile, ads, call, push, whatsapp, rcs.",
        )


class TestOtherSegments:
    def test_in_it_or_not(self, inside):
        greta, bea = make_contact(), make_contact()
        vips, others = Segment.objects.create(name="VIPs"), Segment.objects.create(name="Others")
        SegmentMember.objects.create(segment=vips, contact=greta, entered_at=NOW - DAY)
        SegmentMember.objects.create(segment=others, contact=bea)

        within, without = {"id": vips.pk}, {"id": vips.pk, "in": False}

        assert (fitting(InSegmentLeaf, within), fitting(InSegmentLeaf, without)) == ({greta.pk}, {bea.pk})
        assert shown(InSegmentLeaf, within, greta) == ("in it", NOW - DAY, True)
        assert shown(InSegmentLeaf, within, bea) == ("not in it", None, False)
        assert shown(InSegmentLeaf, without, greta) == ("in it", NOW - DAY, False)
        assert shown(InSegmentLeaf, without, bea) == ("not in it", None, True)
        assert said(InSegmentLeaf, within) == ("is in", "the segment", "VIPs", "filter")
        assert said(InSegmentLeaf, without) == ("is not in", "the segment", "VIPs", "filter")
        assert said(InSegmentLeaf, {"id": 10**9}) == ("is in", "the segment", "a segment that is gone", "filter")

    def test_in_its_form_without_private_ones(self, inside):
        vips = Segment.objects.create(name="VIPs")
        Segment.objects.create(name="Mine", is_private=True)

        assert [str(one) for one in InSegmentForm().fields["segment"].queryset] == ["VIPs"]
        assert written(InSegmentForm, inside="1", segment=str(vips.pk)) == {"id": vips.pk, "in": True}
        assert written(InSegmentForm, inside="0", segment=str(vips.pk)) == {"id": vips.pk, "in": False}
        assert InSegmentForm.initial_of({"id": 7}) == {"inside": "1", "segment": 7}
        assert InSegmentForm.initial_of({"id": 7, "in": False}) == {"inside": "0", "segment": 7}


class TestShares:
    @pytest.mark.parametrize(
        ("start", "end", "is_fine"),
        [
            (0, 1, True),
            (0, 10_000, True),
            (9_999, 10_000, True),
            (0, 0, False),
            (5, 5, False),
            (6, 5, False),
            (-1, 5, False),
            (0, 10_001, False),
        ],
    )
    def test_run_from_zero_to_ten_thousand(self, start, end, is_fine):
        rule = {"salt": "may", "from": start, "to": end}

        if is_fine:
            assert BucketLeaf.open(rule).argument.end == end
        else:
            assert refusal(BucketLeaf, rule) == ((3,), "A share runs from 0 to 10000.")

    def test_begin_at_their_first_number_and_end_before_their_last(self, inside):
        greta = make_contact()
        number = bucket(greta.pk, "may")
        assert 0 < number < BUCKETS - 1

        for start, end, fits in [
            (number, number + 1, True),
            (number - 1, number, False),
            (number + 1, number + 2, False),
            (number - 1, number + 1, True),
        ]:
            rule = {"salt": "may", "from": start, "to": end}
            assert (fitting(BucketLeaf, rule) == {greta.pk}) is fits
            assert shown(BucketLeaf, rule, greta) == (f"number {number} of 10,000", None, fits)

    @pytest.mark.parametrize(
        ("start", "end", "words"), [(0, 1000, "10 %"), (0, 25, "0.25 %"), (5000, 10_000, "50 %"), (0, 10_000, "100 %")]
    )
    def test_in_words(self, start, end, words):
        assert said(BucketLeaf, {"salt": "may", "from": start, "to": end}) == (
            "falls by chance into",
            "",
            words,
            "versions",
        )

    def test_in_its_form_are_one_to_a_hundred_per_cent(self):
        assert written(BucketForm, percent="1", salt="may") == {"salt": "may", "from": 0, "to": 100}
        assert written(BucketForm, percent="100", salt="m" * 40) == {"salt": "m" * 40, "from": 0, "to": 10_000}
        assert list(written(BucketForm, percent="0", salt="m" * 41)) == ["percent", "salt"]
        assert list(written(BucketForm, percent="101", salt="")) == ["percent"]
        drawn = [written(BucketForm, percent="5")["salt"] for _ in range(2)]
        assert [len(salt) for salt in drawn] == [8, 8]
        assert drawn[0] != drawn[1]
        assert BucketForm.initial_of({"salt": "may", "from": 1000, "to": 3550}) == {"percent": 25, "salt": "may"}


def field(name, op, *value):
    return {"name": name, "op": op} | ({"value": value[0]} if value else {})


class TestOwnFields:
    @pytest.mark.parametrize(
        ("op", "value", "fit"),
        [
            ("=", "bonn", "b"),
            ("!=", "bonn", "agn"),
            ("contains", "EN", "g"),
            ("starts", "gh", "g"),
            ("in", ["Bonn", "Ghent"], "bg"),
            ("set", None, "bga"),
            ("unset", None, "n"),
        ],
    )
    def test_of_text_and_a_negation_includes_the_unknown(self, inside, op, value, fit):
        people = {
            name: make_contact(city=city) for name, city in zip("bgan", ["Bonn", "Ghent", "Aarhus", ""], strict=True)
        }
        rule = field("city", op) if value is None else field("city", op, value)

        assert fitting(FieldLeaf, rule) == {people[name].pk for name in fit}
        for name, one in people.items():
            assert shown(FieldLeaf, rule, one) == (one.city or "nothing known", None, name in fit)

    @pytest.mark.parametrize(
        ("op", "fit"), [("=", [2]), ("!=", [1, 3]), ("<", [1]), ("<=", [1, 2]), (">", [3]), (">=", [2, 3])]
    )
    def test_of_numbers(self, inside, op, fit):
        people = {wish: make_contact(contact_frequency=wish) for wish in (1, 2, 3)}

        assert fitting(FieldLeaf, field("contact_frequency", op, 2)) == {people[wish].pk for wish in fit}
        assert shown(FieldLeaf, field("contact_frequency", op, 2), people[1]) == ("1", None, 1 in fit)

    @pytest.mark.parametrize(
        ("op", "value", "fit"),
        [
            ("set", None, [0, 1, 2]),
            ("unset", None, [3]),
            ("last_days", 2, [1]),
            ("before", "2026-06-01", [0]),
            ("after", "2026-06-01", [1, 2]),
        ],
    )
    def test_of_moments(self, inside, op, value, fit):
        people = [make_contact(paused_until=at) for at in (NOW - 9 * DAY, NOW - 2 * DAY, NOW + STEP, None)]
        rule = field("paused_until", op) if value is None else field("paused_until", op, value)

        assert fitting(FieldLeaf, rule) == {people[number].pk for number in fit}
        assert shown(FieldLeaf, rule, people[0]) == ("25 May 2026", None, 0 in fit)
        assert shown(FieldLeaf, rule, people[3]) == ("nothing known", None, 3 in fit)

    @pytest.mark.parametrize(("value", "fit"), [(True, 0), (False, 1)])
    def test_of_yes_and_no(self, inside, value, fit):
        people = [make_contact(is_profiled=True), make_contact(is_profiled=False)]

        assert fitting(FieldLeaf, field("is_profiled", "=", value)) == {people[fit].pk}
        assert shown(FieldLeaf, field("is_profiled", "=", value), people[0]) == ("True", None, fit == 0)

    def test_by_one_address_of_several_is_the_survivors(self, inside):
        greta, also_greta = make_contact(city="Bonn"), make_contact(city="Ghent")
        link_contacts(also_greta.pk, greta.pk)

        assert fitting(FieldLeaf, field("city", "=", "Ghent")) == set()
        assert shown(FieldLeaf, field("city", "=", "Ghent"), greta, also_greta) == ("Bonn", None, False)


class TestCustomFields:
    @pytest.mark.parametrize(
        ("op", "value", "fit"),
        [
            ("=", "Assam", "a"),
            ("=", "assam", "a"),
            ("!=", "Assam", "gn"),
            ("contains", "SS", "a"),
            ("starts", "g", "g"),
            ("in", ["Assam", "Green"], "ag"),
            ("set", None, "ag"),
            ("unset", None, "n"),
        ],
    )
    def test_of_text(self, inside, op, value, fit):
        people = {
            "a": make_contact(custom={"tea": "Assam", "cup": "Green"}),
            "g": make_contact(custom={"tea": "Green"}),
            "n": make_contact(custom={"cup": "Assam"}),
        }
        rule = field("tea", op) if value is None else field("tea", op, value)

        assert fitting(FieldLeaf, rule) == {people[name].pk for name in fit}
        assert {name for name, one in people.items() if shown(FieldLeaf, rule, one)[2]} == set(fit)

    @pytest.mark.parametrize(
        ("op", "fit"), [("=", "2"), ("!=", "13n"), ("<", "1"), ("<=", "12"), (">", "3"), (">=", "23")]
    )
    def test_of_numbers_and_only_not_includes_the_unknown(self, inside, op, fit):
        people = {number: make_contact(custom={"points": float(number)}) for number in "123"}
        people["n"] = make_contact(custom={"points": "two"})

        assert fitting(FieldLeaf, field("points", op, 2)) == {people[name].pk for name in fit}
        assert {name for name, one in people.items() if shown(FieldLeaf, field("points", op, 2), one)[2]} == set(fit)

    @pytest.mark.parametrize(
        ("op", "value", "fit"),
        [
            ("<", "2026-06-01", [0]),
            ("<=", "2026-06-01", [0, 1]),
            (">", "2026-06-01", [2]),
            (">=", "2026-06-01", [1, 2]),
            ("before", "2026-06-01", [0]),
            ("after", "2026-06-01", [1, 2]),
            ("last_days", 2, [2]),
        ],
    )
    def test_of_moments(self, inside, op, value, fit):
        midnight = datetime(2026, 5, 31, 22, tzinfo=UTC)
        people = []
        for at in (midnight - STEP, midnight, NOW):
            people.append(make_contact())
            FieldValue.objects.create(contact=people[-1], name="visit", moment=at)
        nobody = make_contact(custom={"visit": "someday"})

        assert fitting(FieldLeaf, field("visit", op, value)) == {people[number].pk for number in fit}
        assert [shown(FieldLeaf, field("visit", op, value), one)[2] for one in people] == [
            number in fit for number in range(3)
        ]
        assert shown(FieldLeaf, field("visit", op, value), nobody)[2] is False
        assert shown(FieldLeaf, field("visit", op, value), people[2])[0] == "3 Jun 2026"

    def test_of_everybody_merged_and_the_evidence_is_what_fits_or_the_newest(self, inside):
        greta, also_greta = make_contact(), make_contact()
        for one, tea, days in [(greta, "Assam", 2), (also_greta, "Green", 1)]:
            FieldValue.objects.create(contact=one, name="tea", text=tea, updated_at=NOW - days * DAY)
        FieldValue.objects.create(contact=greta, name="points", number=0)
        link_contacts(also_greta.pk, greta.pk)

        assert fitting(FieldLeaf, field("tea", "=", "Green")) == {greta.pk}
        assert fitting(FieldLeaf, field("tea", "!=", "Green")) == set()
        assert shown(FieldLeaf, field("tea", "=", "Assam"), greta, also_greta) == ("Assam", NOW - 2 * DAY, True)
        assert shown(FieldLeaf, field("tea", "=", "Oolong"), greta, also_greta) == ("Green", NOW - DAY, False)
        assert shown(FieldLeaf, field("tea", "!=", "Oolong"), greta, also_greta) == ("Green", NOW - DAY, True)
        assert shown(FieldLeaf, field("points", "=", 0), greta) == ("0.0", NOW, True)
        assert shown(FieldLeaf, field("size", "unset"), greta) == ("nothing known", None, True)
        assert shown(FieldLeaf, field("size", "set"), greta) == ("nothing known", None, False)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (field("city", "=", "Bonn"), ("city", "is", "Bonn", "id")),
        (field("city", "in", ["Bonn", "Ghent"]), ("city", "is one of", "Bonn, Ghent", "id")),
        (field("city", "unset"), ("city", "is not known", "", "id")),
        (field("contact_frequency", ">=", 2), ("contact frequency", "is at least", "As usual", "id")),
        (field("contact_frequency", "<", 7), ("contact frequency", "is below", "7", "id")),
        (field("is_profiled", "=", True), ("may be scored", "is", "yes", "id")),
        (field("is_profiled", "=", False), ("may be scored", "is", "no", "id")),
        (field("created_at", "before", "2026-06-01"), ("known to us", "before", "1 Jun 2026", "id")),
        (field("created_at", "last_days", 30), ("known to us", "in the last days:", "30", "id")),
        (field("tea", "=", "Assam"), ("tea", "is", "Assam", "forms")),
        (field("points", ">", 2.5), ("points", "is above", "2.5", "forms")),
        (field("visit", "<", "2026-06-01"), ("visit", "is below", "1 Jun 2026", "forms")),
        (field("visit", "after", "2026-06-01"), ("visit", "on or after", "1 Jun 2026", "forms")),
    ],
)
def test_a_field_in_words(inside, argument, words):
    assert said(FieldLeaf, argument) == words


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (field("", "set"), "There is no field “”."),
        (field("x" * 81, "set"), f"There is no field “{'x' * 81}”."),
        (field("dialogue_mode", "=", 1), "There is no field “dialogue_mode”."),
        (field("is_profiled", "=", 1), "This needs yes or no."),
        (field("is_profiled", "!=", True), "This needs yes or no."),
        (field("is_profiled", "set"), "This needs yes or no."),
        (field("contact_frequency", "=", "2"), "This needs a number."),
        (field("contact_frequency", "set"), "“set” compares no numbers."),
        (field("created_at", "<", "2026-06-01"), "“<” compares no dates."),
        (field("created_at", "last_days", "30"), "This needs a number of days."),
        (field("city", "<", "Bonn"), "“<” compares no text."),
        (field("tea", "<", "Bonn"), "“<” compares no text."),
        (field("tea", "!=", True), "This needs yes or no."),
        (field("tea", "last_days", 0), "This needs a number of days."),
        (field("tea", "before", "soon"), "This needs a date such as 2026-03-31."),
    ],
)
def test_a_field_that_compares_nothing_is_refused(inside, argument, text):
    assert refusal(FieldLeaf, argument) == ((3,), text)


@pytest.mark.parametrize("name", ["x" * 80, "Tea"])
def test_a_custom_field_may_have_any_name_of_eighty_letters(inside, name):
    assert FieldLeaf.open(field(name, "set")).argument.name == name


def test_only_names_and_addresses_identify_and_only_spans_move(inside):
    def facts(name, op, *value):
        leaf = FieldLeaf.open(field(name, op, *value))
        return leaf.identifies(), leaf.moves_with_time()

    assert [facts(name, "set") for name in ("name", "given_name", "family_name", "email")] == [(True, False)] * 4
    assert [facts(name, "set") for name in ("city", "tea", "created_at")] == [(False, False)] * 3
    assert facts("created_at", "last_days", 3) == facts("visit", "last_days", 3) == (False, True)
    assert facts("created_at", "before", "2026-06-01") == (False, False)


class TestTheFormOfAField:
    @pytest.mark.parametrize(
        ("name", "op", "value", "made"),
        [
            ("city", "=", " Bonn ", {"value": "Bonn"}),
            ("city", "in", "Bonn, ,Ghent ,", {"value": ["Bonn", "Ghent"]}),
            ("city", "unset", "Bonn", {}),
            ("contact_frequency", "=", "2", {"value": 2}),
            ("created_at", "last_days", "30", {"value": 30}),
            ("created_at", "before", "2026-06-01", {"value": "2026-06-01"}),
            ("is_profiled", "=", "Yes", {"value": True}),
            ("is_profiled", "=", "ja", {"value": True}),
            ("is_profiled", "=", "1", {"value": True}),
            ("is_profiled", "=", "no", {"value": False}),
            ("points", "=", "2", {"value": 2}),
            ("points", "=", "2,5", {"value": 2.5}),
            ("points", "in", "2, 3", {"value": ["2", "3"]}),
            ("points", ">", "2.0", {"value": 2}),
            ("tea", "=", "2", {"value": "2"}),
            ("tea", "<=", "2", {"value": 2}),
            ("tea", "after", "2026-06-01", {"value": "2026-06-01"}),
        ],
    )
    def test_writes_the_value_in_the_kind_that_the_field_holds(self, inside, name, op, value, made):
        make_contact(custom={"points": 3, "tea": "Assam"})

        assert written(FieldForm, name=name, op=op, value=value) == {"name": name, "op": op, **made}

    @pytest.mark.parametrize("name", ["points", "contact_frequency"])
    @pytest.mark.parametrize("number", ["0", "-3", "0.1", "999999999999999", "1e17", "-1e17", "1e18", "-1e18", "1e308"])
    def test_writes_a_number_that_the_next_step_reads_as_the_same(self, inside, name, number):
        made = {"all": [{"field": written(FieldForm, name=name, op=">", value=number)}]}

        assert made["all"][0]["field"]["value"] == float(number)
        assert read_rule(json.dumps(made)) == made

    @pytest.mark.parametrize(("name", "op"), [("points", ">"), ("contact_frequency", "="), ("created_at", "last_days")])
    def test_asks_for_a_number_where_one_is_needed(self, inside, name, op):
        assert written(FieldForm, name=name, op=op, value="many") == {"value": ["This needs a number."]}

    def test_reads_lists_with_commas(self):
        assert FieldForm.initial_of(field("city", "in", ["Bonn", "Ghent"]))["value"] == "Bonn, Ghent"
        assert FieldForm.initial_of(field("city", "=", "Bonn")) == field("city", "=", "Bonn")
        assert FieldForm.initial_of(field("city", "set"))["value"] is None

    def test_offers_our_fields_then_those_in_use_each_once(self, inside):
        make_contact(custom={"tea": "Assam", "city": "of old"})
        make_contact(custom={"tea": "Green", "cup": "big"})

        offered = [value for value, _label in FieldForm(initial={"name": "gone"}).fields["name"].widget.choices]

        own = [
            "name",
            "given_name",
            "family_name",
            "email",
            "language",
            "city",
            "country",
            "zone",
            "contact_frequency",
            "created_at",
            "complaint_since",
            "paused_until",
            "is_profiled",
        ]
        assert offered == [*own, "cup", "gone", "tea"]
        assert [label for value, label in FieldForm().fields["name"].widget.choices if value == "cup"] == ["cup"]

    def test_offers_two_hundred_of_those_in_use(self, inside):
        greta = make_contact()
        FieldValue.objects.bulk_create(FieldValue(contact=greta, name=f"f{number:03}") for number in range(201))

        choices = FieldForm().fields["name"].widget.choices

        assert [value for value, _label in choices if value[0] == "f" and value[1:].isdigit()] == [
            f"f{number:03}" for number in range(200)
        ]

    def test_takes_eighty_letters_of_a_name_and_five_hundred_of_a_value(self, inside):
        fits = written(FieldForm, name="n" * 80, op="=", value="v" * 500)
        assert fits == {"name": "n" * 80, "op": "=", "value": "v" * 500}
        assert list(written(FieldForm, name="n" * 81, op="=", value="v" * 501)) == ["name", "value"]


def test_a_look_at_some_people_reads_the_rows_of_those_alone(inside):
    """`only` goes into every set: who stands outside never comes in, whatever the line."""
    vips = Segment.objects.create(name="VIPs")
    people = []
    for _ in range(3):
        one = make_contact(tags=["vip"], roles=[Audience.CUSTOMER], custom={"tea": "Assam"}, city="Bonn")
        give_consent(one, topic=Topic.objects.get(key="letter"))
        suppress(one.email)
        SegmentMember.objects.create(segment=vips, contact=one)
        people.append(one)
    first, second, third = people
    link_contacts(second.pk, first.pk)
    rules = [
        {"tag": {"has_any": ["vip"]}},
        {"role": {"in": ["customer"]}},
        {"field": field("tea", "=", "Assam")},
        {"field": field("city", "=", "Bonn")},
        {"consent": {"channel": "email", "topic": "letter", "state": "given"}},
        {"suppressed": {"channel": "email"}},
        {"segment": {"id": vips.pk}},
        {"bucket": {"salt": "may", "from": 0, "to": 10_000}},
    ]

    assert [ids_fitting(rule, only=[second.pk]) for rule in rules] == [{first.pk}] * len(rules)
    assert [ids_fitting(rule, only=[third.pk, first.pk]) for rule in rules] == [{first.pk, third.pk}] * len(rules)
    assert [ids_fitting(rule, only=[]) for rule in rules] == [set()] * len(rules)
    sets = compile_rule(rules[0], only=[second.pk])
    assert (sets.params["r_only"], sets.params["r_members"]) == ([first.pk], sorted([first.pk, second.pk]))
