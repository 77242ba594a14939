"""The pages of offer codes: a pool is made, filled, withdrawn; a code is redeemed at the counter; who may not."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from emails.models import OfferCode, OfferPool
from emails.offers.generating import ALPHABET, BadAmountError, ask_for_codes, make_codes, new_codes
from emails.offers.giving import give_codes
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.offers import make_offer
from workspaces.current import working_in
from workspaces.models import AuditEntry

HERE = "/w/kettle/emails/offers/"
FORM = {"name": "Spring", "key": "spring", "kind": "unique", "worth": "10 % off"}


@pytest.fixture
def pool(kettle):
    with working_in(kettle):
        return make_offer(["TEA-1", "TEA-2"])


def test_an_offer_is_made_and_filled_from_lines_and_a_file(as_ada, kettle):
    assert "No offer codes yet" in as_ada.get(HERE).text
    made = as_ada.post(f"{HERE}new/", FORM)
    where = made.url
    file = SimpleUploadedFile("codes.txt", b"\xef\xbb\xbfC-1\r\nC-2\r\n" + b"X" * 65 + b"\r\n")

    said = as_ada.post(f"{where}add/", {"lines": "A-1\n\nA-2\nA-1\n", "file": file}, follow=True).text

    assert "4 codes added. 1 were there already. 1 are no codes" in said
    assert "lines 7" in said
    assert "{{ offer.spring }}" in said
    with working_in(kettle):
        assert sorted(OfferCode.objects.values_list("code", flat=True)) == ["A-1", "A-2", "C-1", "C-2"]
    assert "10 % off" in as_ada.get(HERE).text


def test_codes_are_made_by_chance_in_the_background(as_ada, kettle, pool):
    as_ada.post(f"{HERE}{pool.pk}/make/", {"count": 300, "begins": "TEA-", "length": 8})
    assert "Codes are being made" in as_ada.get(f"{HERE}{pool.pk}/").text

    assert make_codes(kettle) is None

    page = as_ada.get(f"{HERE}{pool.pk}/").text
    assert "Codes are being made" not in page
    with working_in(kettle):
        codes = set(OfferCode.objects.values_list("code", flat=True))
    assert len(codes) == 302
    assert all(re.fullmatch(f"TEA-[{ALPHABET}]{{8}}", one) for one in codes - {"TEA-1", "TEA-2"})
    assert len(set(new_codes(1_000))) == 1_000


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"key": "spring"}, "Another offer has this key already."),
        ({"key": "Größe!"}, "Small letters, digits and _"),
        ({"key": "two", "kind": "one"}, "Write the code that everybody gets."),
        ({"key": "two", "kind": "one", "shared_code": "tea-1"}, "Another offer has this code already."),
        ({"key": "two", "name": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_an_offer_is_said_at_its_place(as_ada, pool, more, said):
    answer = as_ada.post(f"{HERE}new/", FORM | more)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_code_is_redeemed_at_the_counter_once(as_ada, kettle, pool):
    with working_in(kettle):
        mina = make_contact("Mina Kerr")
        give_codes(["spring"], [mina.pk], message_id=1)

    assert "Mina Kerr" in as_ada.get(f"{HERE}redeem/?code=%20tea-1").text
    first = as_ada.post(f"{HERE}redeem/", {"code": "tea-1", "value": "24.90"}, follow=True)
    second = as_ada.post(f"{HERE}redeem/", {"code": "TEA-1"})

    assert "Redeemed: TEA-1, Spring." in first.text
    assert (second.status_code, "used already, on" in second.text) == (422, True)
    assert "24.90" in as_ada.get(f"{HERE}{pool.pk}/").text
    assert "There is no code" in as_ada.get(f"{HERE}redeem/?code=nothing").text
    assert as_ada.post(f"{HERE}redeem/", {"code": "TEA-2", "value": "much"}).status_code == 422


def test_a_withdrawn_offer_is_taken_from_nobody(as_ada, kettle, pool):
    as_ada.post(f"{HERE}{pool.pk}/withdraw/", {})

    assert "Withdrawn" in as_ada.get(f"{HERE}redeem/?code=TEA-1").text
    assert as_ada.post(f"{HERE}redeem/", {"code": "TEA-1"}).status_code == 422
    as_ada.post(f"{HERE}{pool.pk}/withdraw/", {"again": "1"})
    with working_in(kettle):
        assert OfferPool.objects.get().withdrawn_at is None


def test_the_table_of_codes_disarms_formulas(as_ada, kettle, pool):
    with working_in(kettle):
        OfferCode.objects.filter(code="TEA-2").update(code="=1+1", redeemed_at=now())

    table = b"".join(as_ada.get(f"{HERE}{pool.pk}/codes.csv").streaming_content).decode()

    assert '"TEA-1"' in table
    assert '"\'=1+1"' in table


def test_who_may_not_edit_sees_and_changes_nothing(as_eve, kettle, pool, client):
    assert as_eve.get(f"{HERE}{pool.pk}/").status_code == 404
    assert as_eve.post(f"{HERE}redeem/", {"code": "TEA-1"}).status_code == 404


def test_codes_of_another_form_wait_until_the_first_are_made(as_ada, kettle, pool):
    where = f"{HERE}{pool.pk}/make/"
    as_ada.post(where, {"count": 3, "begins": "TEA-", "length": 8})

    said = as_ada.post(where, {"count": 2, "begins": "CUP-", "length": 9})
    same = as_ada.post(where, {"count": 2, "begins": "TEA-", "length": 8})

    assert (said.status_code, same.status_code) == (422, 302)
    assert "Codes of another form are still being made." in said.text
    assert make_codes(kettle) is None
    with working_in(kettle):
        made = OfferCode.objects.exclude(code__in=["TEA-1", "TEA-2"]).values_list("code", flat=True)
        assert [len(one) for one in made if one.startswith("TEA-")] == [12] * 5
        ask_for_codes(pool, 1, prefix="CUP-", by=None)
        with pytest.raises(BadAmountError):
            ask_for_codes(pool, 1, prefix="TEA-", by=None)


def test_a_single_code_is_withdrawn_at_the_counter_and_the_audit_log_says_who(as_ada, ada, kettle, pool):
    with working_in(kettle):
        mina = make_contact("Mina Kerr")
        give_codes(["spring"], [mina.pk], message_id=1)
        row = OfferCode.objects.get(contact=mina)
    found = as_ada.get(f"{HERE}redeem/?code={row.code}").text
    assert ("Withdraw this code" in found, "There is no way back." in found) == (True, True)

    said = as_ada.post(f"{HERE}codes/{row.pk}/withdraw/", follow=True).text
    again = as_ada.post(f"{HERE}codes/{row.pk}/withdraw/", follow=True).text

    assert f"Withdrawn: {row.code}. Nobody can use it any more." in said
    assert ("Withdraw this code" in said, "Mina Kerr" in said) == (False, True)
    assert "was used or withdrawn before. Nothing was changed." in again
    assert as_ada.post(f"{HERE}redeem/", {"code": row.code}).status_code == 422
    with working_in(kettle):
        logged = AuditEntry.objects.filter(action="offer.code_withdrawn")
        assert [one.actor_id for one in logged] == [ada.pk]


def test_a_used_code_stays_used_and_nobody_else_withdraws_one(as_ada, as_eve, member, kettle, pool):
    with working_in(kettle):
        row = OfferCode.objects.get(code="TEA-1")
    as_ada.post(f"{HERE}redeem/", {"code": "TEA-1"})

    assert "Withdraw this code" not in as_ada.get(f"{HERE}redeem/?code=TEA-1").text
    as_ada.post(f"{HERE}codes/{row.pk}/withdraw/")
    assert as_eve.post(f"{HERE}codes/{row.pk}/withdraw/").status_code == 404
    assert member("community").post(f"{HERE}codes/{row.pk}/withdraw/").status_code == 403
    assert "Withdraw this code" not in member("colleague").get(f"{HERE}redeem/?code=TEA-2").text

    with working_in(kettle):
        assert OfferCode.objects.filter(withdrawn_at=None).count() == 2
