"""Consent receipts: taken away or mailed, genuine for ever, and worthless once a letter of them was changed."""

import json

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from consent.consenting import give_consent, withdraw_all
from portal.access_links import relationship_token
from portal.receipts import NoReceiptError, check_receipt
from privacy.erasing import erase_person
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in

CHECKING = "/p/kettle/receipts/"


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        contact = make_contact("Greta", "greta@slowwater.example")
        give_consent(contact, topic=letter(), wording="Yes, écris-moi", source="At the till")
        contact.path = f"/p/kettle/me/{relationship_token(contact.pk)}/"
    return contact


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


def test_it_is_taken_away_and_found_genuine_as_text_and_as_a_file(visitor, greta):
    taken = visitor.get(f"{greta.path}receipt.json")
    assert taken["Content-Disposition"] == 'attachment; filename="consent-receipt-kettle.json"'
    [service] = json.loads(taken.text)["services"]
    [purpose] = service["purposes"]
    assert (purpose["purposeCategory"], purpose["state"], purpose["wording"]) == ("letter", "given", "Yes, écris-moi")

    as_file = SimpleUploadedFile("receipt.json", b"\xef\xbb\xbf" + taken.content)
    for handed in ({"receipt": taken.text}, {"file": as_file}, {"receipt": json.dumps(json.loads(taken.text))}):
        page = visitor.post(CHECKING, handed)
        assert page.status_code == 200
        assert "ours and unchanged" in page.text
        assert "still counts" in page.text
        assert page.cookies == {}


def test_it_says_what_counts_today(visitor, greta, kettle, ada):
    text = visitor.get(f"{greta.path}receipt.json").text
    with working_in(kettle):
        withdraw_all([greta.pk], topic=letter())
    assert "was withdrawn since" in visitor.post(CHECKING, {"receipt": text}).text
    with working_in(kettle):
        erase_person(greta.pk, by=ada)
    page = visitor.post(CHECKING, {"receipt": text})
    assert "ours and unchanged" in page.text
    assert "is kept no more" in page.text


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one | {"seal": "0" * 32},
        lambda one: one | {"seal": None},
        lambda one: one | {"seal": "é"},
        lambda one: {name: value for name, value in one.items() if name != "seal"},
        lambda one: one | {"piiPrincipalId": "mallory@evil.example"},
        lambda one: one | {"services": []},
        lambda one: [one],
        lambda one: "x",
        lambda one: 7,
        lambda one: None,
    ],
)
def test_whatever_was_changed_is_refused(visitor, greta, change):
    receipt = json.loads(visitor.get(f"{greta.path}receipt.json").text)
    page = visitor.post(CHECKING, {"receipt": json.dumps(change(receipt))})
    assert page.status_code == 422
    assert "no receipt of ours" in page.text


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"seal": 1e999}', "\ufeff{}", "NaN", '{"a": "' + "x" * 300_000]
)
def test_what_is_no_json_is_refused(visitor, kettle, text):
    assert visitor.post(CHECKING, {"receipt": text}).status_code == 422
    assert visitor.post(CHECKING, {"file": SimpleUploadedFile("x", b"\xff\xfe\x00")}).status_code == 422


def test_another_brands_receipt_is_not_ours(visitor, greta, rival):
    text = visitor.get(f"{greta.path}receipt.json").text
    assert visitor.post(f"/p/{rival.slug}/receipts/", {"receipt": text}).status_code == 422
    assert visitor.get("/p/no-such-brand/receipts/").status_code == 404


def test_it_is_mailed_once_in_ten_minutes_and_looking_mails_nothing(visitor, greta):
    visitor.get(greta.path)
    visitor.get(f"{greta.path}receipt.json")
    assert mail.outbox == []
    for _ in range(3):
        page = visitor.post(greta.path, {"do": "receipt"}, follow=True)
    assert "a few minutes ago" in page.text
    [sent] = mail.outbox
    assert sent.to == ["greta@slowwater.example"]
    [(name, text, kind)] = sent.attachments
    assert (name, kind) == ("consent-receipt-kettle.json", "application/json")
    assert "ours and unchanged" in visitor.post(CHECKING, {"receipt": text}).text


def test_a_server_that_takes_no_mail_is_said(visitor, greta, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9},
        }
    }
    page = visitor.post(greta.path, {"do": "receipt"}, follow=True)
    assert "could not be sent" in page.text


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=4))
def test_nothing_but_our_own_is_genuine(body):
    class Brand:
        pk = 1

    with pytest.raises(NoReceiptError):
        check_receipt(Brand(), json.dumps(body))


def test_nobody_sends_more_than_a_receipt(visitor, kettle):
    assert visitor.post(CHECKING, {"receipt": "x" * 2_100_000}).status_code == 413
