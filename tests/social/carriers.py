"""The two carriers on loopback, as their documentation tells it: Twilio with its list of what it sent, and Meta."""

import base64
import hmac
import json
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from delivery.models import Sender
from delivery.senders import keep_secret
from lib.clock import now
from tests.loopback import LoopbackApi

SID = "AC" + "0" * 32
OURS = "+4915112345678"


class Twilio(LoopbackApi):
    """Takes and lists texts. `always`: (status, JSON, headers) instead; `hangs_up`: takes it, and says nothing; `is_deaf`: does
    not list; `dawdles`: seconds before it says anything.
    """

    def __init__(self) -> None:
        self.sent, self.listed, self.always, self.hangs_up, self.is_deaf = [], 0, None, False, False
        self.came, self.goes_on, self.dawdles = threading.Event(), threading.Event(), 0
        super().__init__()

    def hear(self, method, path, headers, raw):
        if method == "GET":
            self.listed += 1
            to = parse_qs(urlsplit(path).query)["To"][0]
            found = [one.tree for one in reversed(self.sent) if one.tree["to"] == to]
            return (503, {}, {}) if self.is_deaf else (200, {"messages": found, "page_size": 50}, {})
        fields = {name: found[0] for name, found in parse_qs(raw.decode()).items()}
        self.asked.append(SimpleNamespace(path=path, headers=headers, fields=fields))
        if self.always:
            return self.always
        tree = {
            "sid": f"SM{len(self.sent) + 1}", "body": fields["Body"], "to": fields["To"], "from": OURS,
            "direction": "outbound-api", "status": "queued", "error_code": None,
            "date_created": format_datetime(now().astimezone(UTC)), "date_sent": None,
        }  # fmt: skip
        self.sent.append(SimpleNamespace(tree=tree, callback=fields.get("StatusCallback", "")))
        self.came.set()
        self.goes_on.wait(self.dawdles)
        return None if self.hangs_up else (201, tree, {})

    def tells(self, client, at: int, state: str, code: str = ""):
        """A signed call to the address that text number `at` was given."""
        one = self.sent[at]
        fields = {"MessageSid": one.tree["sid"], "MessageStatus": state} | ({"ErrorCode": code} if code else {})
        text = one.callback + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        seal = base64.b64encode(hmac.digest(b"the-token", text.encode(), "sha1")).decode()
        return client.post(urlsplit(one.callback).path, fields, headers={"X-Twilio-Signature": seal})


class Meta(LoopbackApi):
    """Takes messages; `always` and `hangs_up` as above."""

    def __init__(self) -> None:
        self.always, self.hangs_up = None, False
        super().__init__()

    def hear(self, method, path, headers, raw):
        tree = json.loads(raw)
        self.asked.append(SimpleNamespace(path=path, headers=headers, tree=tree))
        if self.hangs_up:
            return None
        taken = {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.out{len(self.asked)}"}]}
        return self.always or (200, taken, {})


def status_of(tree, state: str, sid: str = "wamid.out1", **more) -> dict:
    """What the hook tells of an answer: of the message that was asked with `tree`."""
    at = int(datetime.now(UTC).timestamp())
    mark = tree["biz_opaque_callback_data"]
    return {"id": sid, "status": state, "timestamp": str(at), "recipient_id": tree["to"].strip("+")} | {
        "biz_opaque_callback_data": mark,
        **more,
    }


def make_sms_sender(url: str) -> Sender:
    given = {"account_sid": SID, "from_number": OURS, "endpoint": url}
    sender = Sender.objects.create(name="Texts", kind="sms", per_second=100_000, settings=given)
    keep_secret(sender, "the-token")
    return sender
