"""Meta's Cloud API on loopback, as its documentation describes it, and its signed calls."""

import hmac
import json
from collections import Counter
from types import SimpleNamespace

from consent.consenting import give_consent
from contacts.channels import Channel
from contacts.identifying import add_identity
from contacts.models import Identity
from delivery.models import Sender
from delivery.senders import keep_secret
from messengers.whatsapp.templates import keep_templates
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import letter, make_reader
from tests.loopback import LoopbackApi

NUMBER_ID, ACCOUNT = "106540352242922", "102290129340398"
SECRET = "app-secret"
SPRING = {
    "name": "spring_offer", "language": "de", "status": "APPROVED", "category": "MARKETING", "id": "1",
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hallo {{1}}, die Kiste für {{2}} ist da."},
        {"type": "FOOTER", "text": "STOP beendet es"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ansehen", "url": "https://kettle.example/{{1}}"}]},
    ],
}  # fmt: skip
BODY = """template: spring_offer de
header: https://kettle.example/box.jpg
1: {{ contact.first_name | default: "du" }}
2: {{ contact.city | default: "Berlin" }}
button 1: box
"""


class Meta(LoopbackApi):
    """Takes everything until told otherwise; `answers`: number or name of a template → (status, JSON); `pages`: of the templates."""

    def __init__(self) -> None:
        self.gets, self.answers, self.always, self.cuts, self.pages = [], {}, None, set(), [[SPRING]]
        super().__init__()

    def hear(self, method, path, headers, raw):
        if method == "GET":
            self.gets.append(SimpleNamespace(path=path, headers=headers))
            return (*self.always, {}) if self.always else (200, self.page(len(self.gets) - 1), {})
        tree = json.loads(raw)
        self.asked.append(SimpleNamespace(path=path, headers=headers, tree=tree))
        if tree["to"] in self.cuts:
            return None
        name = tree.get("template", {}).get("name")
        taken = {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1", "message_status": "accepted"}]}
        return (*(self.always or self.answers.get(tree["to"]) or self.answers.get(name, (200, taken))), {})

    def page(self, at: int) -> dict:
        """One page of the templates; another leads where we must not follow."""
        more = {"next": "http://192.0.2.1/"} if at + 1 < len(self.pages) else {}
        return {"data": self.pages[min(at, len(self.pages) - 1)], "paging": {"cursors": {"after": f"c{at}"}, **more}}

    @property
    def counts(self) -> Counter:
        return Counter(one.tree["to"] for one in self.asked)


def error(code: int, *, subcode: int = 0, words: str = "no", status: int = 400) -> tuple[int, dict]:
    """An answer of the Graph API that refuses."""
    found = {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return status, {"error": found | ({"error_subcode": subcode} if subcode else {})}


def make_whatsapp_sender(url: str, *, templates=(SPRING,), **settings) -> Sender:
    given = {"phone_number_id": NUMBER_ID, "account_id": ACCOUNT, "endpoint": url} | settings
    sender = Sender.objects.create(name="Chats", kind="whatsapp", per_second=100_000, price_milli=70, settings=given)
    keep_secret(sender, json.dumps({"token": "the-token", "app_secret": SECRET}))
    keep_templates(sender, templates)
    return sender


def chatting(number: str, *, channel: int = Channel.WHATSAPP, asked: bool = True, at=None):
    """Somebody with a number; `asked`: for messages on this channel, `at` that moment."""
    contact = make_reader("Greta", city="Bonn")
    add_identity(contact, Identity.Kind.PHONE, number, by=None)
    if asked:
        page = "https://kettle.example/"
        give_consent(contact, topic=letter(), channel=channel, wording="Message me", page=page, at=at)
    return contact


def chat_campaign(sender, **facts):
    return make_campaign(sender, **({"body": BODY, "preheader": "", "subject": ""} | facts))


def signed(tree, secret: str = SECRET) -> dict:
    """Arguments of a client's post: Meta's own signed call."""
    raw = json.dumps(tree).encode()
    seal = hmac.digest(secret.encode(), raw, "sha256").hex()
    return {"data": raw, "content_type": "application/json", "headers": {"X-Hub-Signature-256": f"sha256={seal}"}}


def told(*, statuses=(), messages=(), number=NUMBER_ID, field="messages") -> dict:
    """A call of the webhook."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}}
    value |= {"statuses": list(statuses)} if statuses else {}
    value |= {"messages": list(messages)} if messages else {}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "changes": [{"field": field, "value": value}]}],
    }


def template_told(event: str, at: int, reason: str = "NONE") -> dict:
    """A call about the template of spring; `at` in seconds of Unix."""
    tree = told(field="message_template_status_update")
    entry = tree["entry"][0]
    entry["time"] = at
    entry["changes"][0]["value"] = {
        "event": event, "message_template_id": 1, "message_template_name": "spring_offer",
        "message_template_language": "de", "reason": reason,
    }  # fmt: skip
    return tree
