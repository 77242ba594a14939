"""Resend: POST /emails, one email a request. An Idempotency-Key counts for a day."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.events import word_of
from delivery.returns.resend import OUR_TAG
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter, base64_of
from messengers.http.mail import HttpMail
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import Said

OURS = frozenset({"missing_api_key", "invalid_api_key", "restricted_api_key", "invalid_from_address", "not_found"})


class ResendMessenger(HttpMail):
    kind: ClassVar[str] = "resend"
    label = gettext_lazy("Resend by its API")
    provider: ClassVar[str] = "Resend"
    usual: ClassVar[str] = "https://api.resend.com/emails"
    knows_keys: ClassVar[bool] = True

    def posting(self, letter: Letter) -> Posting:
        tree = {
            "from": self.from_,
            "to": [letter.to],
            "subject": letter.words.subject,
            "html": letter.words.html,
            "text": letter.words.text,
            "headers": letter.headers,
            "tags": [{"name": OUR_TAG, "value": letter.tag}],
        }
        if self.settings.reply_to:
            tree["reply_to"] = self.settings.reply_to
        if letter.files:
            tree["attachments"] = [{"filename": one.name, "content": base64_of(one)} for one in letter.files]
        return json_posting(tree, Authorization=f"Bearer {self.secret}", Idempotency_Key=letter.key)

    def read(self, tree: object, answer: Fetched) -> Said:
        name, words = word_of(tree, "name"), word_of(tree, "message")
        is_dead = name == "validation_error" and "Invalid `to` field" in words
        had_it, is_open = name == "invalid_idempotent_request", name == "concurrent_idempotent_requests"
        return Said(name, words, is_dead=is_dead, is_ours=name in OURS, had_it=had_it, is_open=is_open)
