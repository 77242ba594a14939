"""Machines make pools of codes, fill them, look at codes and redeem them."""

import pytest

from emails.models import OfferCode
from emails.offers.giving import give_codes
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from workspaces.current import working_in


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def pool(machine):
    said = machine.call("POST", "/offers", {"key": "spring", "name": "Spring", "worth": "10 % off"})
    assert said.status_code == 201
    machine.call("POST", "/offers/spring/codes", {"codes": ["TEA-1", "TEA-2"]})
    return said.json()


def test_a_pool_is_made_filled_changed_and_read(machine, pool):
    added = machine.call("POST", "/offers/spring/codes", {"codes": ["TEA-2", "TEA-3", "x" * 65], "make": 5}).json()
    changed = machine.call("PATCH", "/offers/spring", {"name": "Spring tea", "is_withdrawn": True}).json()

    assert added == {"added": 1, "known": 1, "refused": [3], "to_make": 5}
    assert (changed["name"], changed["is_withdrawn"], changed["left"], changed["worth"]) == (
        "Spring tea",
        True,
        3,
        "10 % off",
    )
    assert machine.get("/offers/spring").json() == changed
    assert machine.get("/offers").json()["items"] == [changed]
    assert machine.call("POST", "/offers", {"key": "spring", "name": "Again"}).status_code == 422
    assert machine.get("/offers/summer").status_code == 404


def test_a_code_is_redeemed_once_and_the_same_order_hears_the_same(machine, pool, kettle):
    with working_in(kettle):
        mina = make_contact()
        give_codes(["spring"], [mina.pk], message_id=1)
    use = {"code": "tea-1", "value_minor": 2490, "currency": "EUR", "order_id": "R-9"}

    answers = [machine.call("POST", "/offers/spring/redemptions", use) for _ in range(2)]
    other = machine.call("POST", "/offers/spring/redemptions", use | {"order_id": "R-10"})

    assert [one.status_code for one in answers] == [201, 200]
    assert answers[0].json() == answers[1].json() == machine.get("/offers/spring/codes/TEA-1").json()
    assert answers[0].json()["contact_id"] == mina.pk
    assert (other.status_code, other.json()["code"]) == (409, "already_redeemed")
    assert answers[0].json()["redeemed_at"][:19] in other.json()["detail"]


@pytest.mark.parametrize(
    ("use", "status"),
    [
        ({"code": "nothing"}, 404),
        ({"code": "TEA-2", "at": "2100-01-01T00:00:00Z"}, 422),
        ({"code": "TEA-2", "contact_id": 999_999}, 404),
        ({"code": "TEA-2", "currency": "euro"}, 422),
        ({"code": "TEA-2", "value_minor": 10**20}, 422),
        ({"code": "\0"}, 404),
    ],
)
def test_what_cannot_be_redeemed_is_said(machine, pool, kettle, use, status):
    assert machine.call("POST", "/offers/spring/redemptions", use).status_code == status
    with working_in(kettle):
        assert not OfferCode.objects.exclude(redeemed_at=None).exists()


def test_a_shared_offer_takes_no_codes(machine):
    said = {"key": "all", "name": "All", "kind": "one", "shared_code": "TEATIME"}
    assert machine.call("POST", "/offers", said).status_code == 201

    assert machine.call("POST", "/offers/all/codes", {"codes": ["A"]}).status_code == 409
    assert machine.call("POST", "/offers/all/redemptions", {"code": "teatime"}).status_code == 201


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "2201-01-01T00:00:00Z", "2026-12-01T08:00:00"])
def test_a_moment_that_cannot_be_or_has_no_zone_is_refused(machine, pool, moment):
    answers = [
        machine.call("POST", "/offers", {"key": "summer", "name": "Summer", "expires_at": moment}),
        machine.call("PATCH", "/offers/spring", {"expires_at": moment}),
        machine.call("POST", "/offers/spring/redemptions", {"code": "TEA-1", "at": moment}),
    ]

    assert [one.status_code for one in answers] == [422] * 3
    assert machine.get("/offers/spring/codes/TEA-1").json()["redeemed_at"] is None


def test_a_code_is_withdrawn_once_and_a_used_one_is_not(machine, pool):
    machine.call("POST", "/offers/spring/redemptions", {"code": "TEA-1"})

    answers = [machine.call("POST", "/offers/spring/codes/tea-2/withdrawal") for _ in range(2)]
    used = machine.call("POST", "/offers/spring/codes/TEA-1/withdrawal")

    assert [(one.status_code, one.json()["is_withdrawn"]) for one in answers] == [(200, True), (200, True)]
    assert (used.status_code, used.json()["code"]) == (409, "already_redeemed")
    assert machine.call("POST", "/offers/spring/redemptions", {"code": "TEA-2"}).status_code == 409
    assert machine.call("POST", "/offers/spring/codes/nothing/withdrawal").status_code == 404
