"""Answering by WhatsApp and SMS in a real browser: until when, why not, and how many texts it is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conversations.models import Conversation, Mention
from delivery.returns.texts import Answer, take_answer
from messengers.whatsapp.hearing import WAY
from tests.messengers.meta import make_whatsapp_sender
from tests.social.carriers import make_sms_sender
from workspaces.current import working_in

pytestmark = pytest.mark.usefixtures("settled")
ONE, TWO = "+4915200000001", "+4915200000002"


@pytest.fixture
def talks(kettle, ada, transactional_db):
    """Number → the conversation with it: one by SMS, one by WhatsApp."""
    with working_in(kettle):
        take_answer(make_sms_sender("http://127.0.0.1:9"), Answer("SM1", ONE, "Is it quiet?"))
        whatsapp = make_whatsapp_sender("http://127.0.0.1:9")
        take_answer(whatsapp, Answer("wamid.1", TWO, "Is it quiet?", True, timezone.now(), WAY))
        return dict(Conversation.objects.values_list("author__handle", "pk"))


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_the_reply_form_says_until_when_and_why_not(page_at, axe_clean, kettle, talks, width, theme):
    page = page_at(width, theme, path=f"/w/kettle/inbox/{talks[TWO]}/")
    expect(page.locator(".reply-window")).to_contain_text("You can answer until")
    axe_clean(page)

    with working_in(kettle):
        Mention.objects.update(published_at=timezone.now() - timedelta(days=2))
    page.reload()

    expect(page.locator("#reply-closed")).to_contain_text("24 hours after they wrote")
    expect(page.locator("[data-send]")).to_be_disabled()
    axe_clean(page)


def test_the_texts_are_counted_while_one_writes(page_at, talks):
    page = page_at(path=f"/w/kettle/inbox/{talks[ONE]}/")

    page.locator("#reply-text").press_sequentially("Yes. ")
    expect(page.locator("#draft-kept")).to_contain_text("1 text")
    page.locator("#reply-text").fill("x" * 161)

    expect(page.locator("#draft-kept")).to_contain_text("2 texts")
