"""Brevo: POST /v3/smtp/email, one email a request. Its idempotency keys (UUIDs in `headers`) count for 30 minutes."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.brevo import OUR_ID
from delivery.returns.events import word_of
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter, base64_of
from messengers.http.mail import HttpMail
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import Said

HAD_IT = "duplicate_parameter"
OURS = frozenset({"unauthorized", "not_enough_credits", "permission_denied", "account_under_validation"})


class BrevoMessenger(HttpMail):
    kind: ClassVar[str] = "brevo"
    label = gettext_lazy("Brevo by its API")
    provider: ClassVar[str] = "Brevo"
    usual: ClassVar[str] = "https://api.brevo.com/v3/smtp/email"
    knows_keys: ClassVar[bool] = True

    def posting(self, letter: Letter) -> Posting:
        given = self.settings
        tree = {
            "sender": {"email": given.from_email} | ({"name": given.from_name} if given.from_name else {}),
            "to": [{"email": letter.to}],
            "subject": letter.words.subject,
            "htmlContent": letter.words.html,
            "textContent": letter.words.text,
            "headers": letter.headers | {OUR_ID: letter.name, "idempotencyKey": letter.key},
        }
        if given.reply_to:
            tree["replyTo"] = {"email": given.reply_to}
        if letter.files:
            tree["attachment"] = [{"name": one.name, "content": base64_of(one)} for one in letter.files]
        return json_posting(tree, api_key=self.secret)

    def read(self, tree: object, answer: Fetched) -> Said:
        code, words = word_of(tree, "code"), word_of(tree, "message")
        is_dead = code == "invalid_parameter" and "email is not valid in to" in words
        return Said(code, words, is_dead=is_dead, is_ours=code in OURS, had_it=code == HAD_IT)
