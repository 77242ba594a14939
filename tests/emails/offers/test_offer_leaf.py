"""Has a code of an offer: who fits, what is seen of one person, and who is looked at again."""

from datetime import timedelta

import pytest

from contacts.merging import link_contacts
from emails.leaf_types.offer_code import STATES, OfferForm, OfferLeaf
from emails.models import OfferCode
from emails.offers.giving import give_codes
from emails.offers.keeping import withdraw_code
from emails.offers.redeeming import Use, redeem
from lib.clock import now
from segments.leaf_types.base import RuleError
from segments.members.membership import refresh
from segments.members.rechecking import recheck_due
from segments.models import Segment, SegmentMember
from segments.rules.counting import ids_fitting
from tests.factories.contacts import make_contact
from tests.factories.offers import codes_of, make_offer
from workspaces.current import working_in


def rule(state: str, key: str = "spring") -> dict:
    return {"offer": {"key": key, "is": state}}


@pytest.fixture
def three(inside):
    """One who used a code, one who has an unused one, one who got none; another offer stands beside."""
    make_offer(4)
    make_offer(2, key="summer")
    used, unused, none = make_contact("Ursula"), make_contact("Uwe"), make_contact("Nora")
    give_codes(["spring"], [used.pk, unused.pk], message_id=1)
    give_codes(["summer"], [none.pk], message_id=1)
    redeem(Use(codes_of(used)[0]))
    return used, unused, none


def test_who_got_one_used_it_or_did_not(three):
    used, unused, none = three

    found = {state: ids_fitting(rule(state)) for state in STATES}

    assert found == {
        "got": {used.pk, unused.pk},
        "none": {none.pk},
        "used": {used.pk},
        "unused": {unused.pk},
    }
    assert ids_fitting(rule("got", "autumn")) == set()
    assert ids_fitting(rule("none", "autumn")) == {used.pk, unused.pk, none.pk}


def test_a_second_unused_code_does_not_make_unused_and_a_withdrawn_one_is_no_use(three):
    used, unused, _none = three
    give_codes(["spring"], [used.pk], message_id=2)
    withdraw_code(OfferCode.objects.get(contact=unused), by=None)

    assert ids_fitting(rule("unused")) == set()
    assert ids_fitting(rule("got")) == {used.pk, unused.pk}


def test_of_a_code_for_everybody_its_uses_count(three):
    _used, _unused, none = three
    make_offer(key="all", kind="one", shared_code="TEATIME")
    redeem(Use("TEATIME", contact_id=none.pk))

    assert ids_fitting(rule("got", "all")) == ids_fitting(rule("used", "all")) == {none.pk}
    assert ids_fitting(rule("unused", "all")) == set()


def test_two_who_are_one_count_together_and_the_evidence_agrees(three):
    used, unused, none = three
    link_contacts(unused.pk, used.pk)
    members = [used.pk, unused.pk]
    one = (ids_fitting(rule("got")) & set(members)).pop()

    for state in STATES:
        leaf = OfferLeaf.open(rule(state)["offer"])
        fits = ids_fitting(rule(state))
        assert leaf.evidence([one, *(set(members) - {one})]).holds is (one in fits)
        assert leaf.evidence([none.pk]).holds is (none.pk in fits)
    assert (ids_fitting(rule("used")), ids_fitting(rule("unused"))) == ({one}, set())


def test_segments_look_again_when_codes_are_given_used_and_withdrawn(kettle, ada):
    with working_in(kettle):
        make_offer(1)
        mina = make_contact("Mina")
        kept = {state: Segment.objects.create(name=state, rule={"all": [rule(state)]}) for state in STATES}
        for one in kept.values():
            refresh(one)

    def stands_in() -> set[str]:
        recheck_due(kettle)
        with working_in(kettle):
            return set(SegmentMember.objects.filter(contact=mina).values_list("segment__name", flat=True))

    assert stands_in() == {"none"}
    with working_in(kettle):
        give_codes(["spring"], [mina.pk], message_id=1)
    assert stands_in() == {"got", "unused"}
    with working_in(kettle):
        withdraw_code(OfferCode.objects.get(), by=ada)
    assert stands_in() == {"got"}
    with working_in(kettle):
        OfferCode.objects.update(withdrawn_at=None)
        redeem(Use(codes_of(mina)[0], at=now() - timedelta(minutes=1)))
    assert stands_in() == {"got", "used"}


def test_the_builder_offers_each_offer_and_keeps_one_that_is_gone(inside):
    make_offer(key="spring")

    form = OfferForm({"leaf-offer": "spring", "leaf-state": "unused"}, prefix="leaf")
    gone = OfferForm(initial=OfferForm.initial_of({"key": "winter"}), prefix="leaf")

    assert form.is_valid()
    assert form.argument() == {"key": "spring", "is": "unused"}
    assert ("winter", "winter") in gone.fields["offer"].choices
    assert {"key": "spring", "is": "none"} in list(OfferLeaf.usual())
    assert str(OfferLeaf.open({"key": "spring"}).phrase()) == "offer codes got a code Spring"


@pytest.mark.parametrize(
    "argument", [{"key": "spring", "is": "lost"}, {"key": "Größe!"}, {"key": ""}, {"is": "got"}, 7]
)
def test_what_cannot_be_read_is_refused(inside, argument):
    with pytest.raises(RuleError):
        OfferLeaf.open(argument)
