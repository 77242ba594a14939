"""Amazon SES: POST /v2/email/outbound-emails, the whole email as it is, signed by AWS Signature Version 4."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy

from delivery.returns.events import word_of
from delivery.returns.ses import OUR_TAG
from lib.clock import now
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter
from messengers.http.mail import HttpMail, HttpMailSettings
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import Said

PATH, SERVICE = "/v2/email/outbound-emails", "ses"
OURS = frozenset({
    "MailFromDomainNotVerifiedException", "SendingPausedException", "AccountSuspendedException", "NotFoundException",
})  # fmt: skip


class SesSettings(HttpMailSettings, frozen=True):
    """`access_key`: the public half of the key. `configuration_set`: the one that tells of bounces, if any."""

    access_key: str = ""
    region: str = "eu-central-1"
    configuration_set: str = ""


class SesMessenger(HttpMail):
    kind: ClassVar[str] = "ses"
    label = gettext_lazy("Amazon SES by its API")
    provider: ClassVar[str] = "Amazon SES"
    Settings = SesSettings
    form: ClassVar[str] = "messengers.forms.SesSenderForm"
    takes_mime: ClassVar[bool] = True

    def url(self) -> str:
        base = self.settings.endpoint or f"https://email.{self.settings.region}.amazonaws.com"
        return base.rstrip("/") + PATH

    def posting(self, letter: Letter) -> Posting:
        tree = {
            "Destination": {"ToAddresses": [letter.to]},
            "Content": {"Raw": {"Data": base64.b64encode(letter.mime).decode()}},
            "EmailTags": [{"Name": OUR_TAG, "Value": letter.name}],
        }
        if self.settings.configuration_set:
            tree["ConfigurationSetName"] = self.settings.configuration_set
        plain = json_posting(tree)
        given = self.settings
        key = Key(given.access_key, self.secret, given.region, SERVICE)
        proof = key.headers_for("POST", self.url(), plain.content, {"Content-Type": "application/json"}, at=now())
        return Posting({**plain.headers, **proof}, plain.content)

    def read(self, tree: object, answer: Fetched) -> Said:
        kind = answer.headers.get("x-amzn-errortype", "").partition(":")[0].rpartition("#")[2]
        words = word_of(tree, "message") or word_of(tree, "Message")
        is_ours = kind in OURS or (kind == "MessageRejected" and "not verified" in words)
        return Said(kind, words, is_ours=is_ours)


class Key:
    """A key of AWS, that signs requests (Signature Version 4)."""

    def __init__(self, access_key: str, secret: str, region: str, service: str) -> None:
        self.access_key, self.secret, self.region, self.service = access_key, secret, region, service

    def headers_for(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str], *, at: datetime
    ) -> dict[str, str]:
        """X-Amz-Date and Authorization for this request; `headers` are signed along with host and date."""
        moment = at.strftime("%Y%m%dT%H%M%SZ")
        place = urlsplit(url)
        signed = {"host": place.netloc, "x-amz-date": moment} | {
            name.lower(): " ".join(value.split()) for name, value in headers.items()
        }
        names = ";".join(sorted(signed))
        asked = "\n".join(
            (
                method,
                quote(place.path or "/", safe="/-_.~"),
                place.query,
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                hashlib.sha256(content).hexdigest(),
            )
        )
        scope = f"{moment[:8]}/{self.region}/{self.service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        seal = hmac.digest(self._key_of(moment[:8]), text.encode(), "sha256").hex()
        proof = f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={seal}"
        return {"X-Amz-Date": moment, "Authorization": proof}

    def _key_of(self, day: str) -> bytes:
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key
