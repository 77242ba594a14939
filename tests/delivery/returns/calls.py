"""What the seven providers send, made after their published documentation: each with a way to sign it as they do."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.cache import cache
from django.utils import timezone

from lib.standard_webhooks import sign

TOPIC = "arn:aws:sns:eu-central-1:123456789012:ses-events"
CERT_URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
RESEND_SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
MAILGUN_KEY = "key-0123456789"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
SENDGRID_KEY = base64.b64encode(
    EC_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
SECRETS = {"ses": TOPIC, "mailgun": MAILGUN_KEY, "sendgrid": SENDGRID_KEY, "resend": RESEND_SECRET}


def body_of(provider, kind, *, to, message_id="", at=None):
    """(body) of one event of this kind: delivered, hard, soft, complaint, unsubscribe, open, click."""
    return BODIES[provider](kind, to, message_id, at or timezone.now())


def signed(provider, body, password="", *, at=None):
    """(raw body, headers) as the provider sends them."""
    return SIGNERS[provider](body, password, int((at or timezone.now()).timestamp()))


def _ses(kind, to, message_id, at):
    stamp = at.isoformat()
    who = {"emailAddress": to}
    said = {
        "delivered": ("Delivery", {"timestamp": stamp, "recipients": [to], "smtpResponse": "250 ok"}),
        "hard": ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": stamp, "bouncedRecipients":
                 [who | {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]}),
        "soft": ("Bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull", "timestamp": stamp,
                 "bouncedRecipients": [who | {"status": "5.2.2", "diagnosticCode": "smtp; 552 5.2.2 mailbox full"}]}),
        "complaint": ("Complaint", {"timestamp": stamp, "complaintFeedbackType": "abuse", "complainedRecipients": [who]}),
        "unsubscribe": ("Subscription", {"timestamp": stamp, "source": "UnsubscribeHeader", "contactList": "x"}),
        "open": ("Open", {"timestamp": stamp, "userAgent": "Mozilla/5.0 (X11) Firefox/150", "ipAddress": "192.0.2.1"}),
        "click": ("Click", {"timestamp": stamp, "userAgent": "Mozilla/5.0 (X11) Firefox/150", "link": "https://kettle.example/box"}),
    }.get(kind, ("RenderingFailure", {"errorMessage": "x"}))  # fmt: skip
    mail = {"timestamp": stamp, "messageId": "0102-ses", "destination": [to], "headersTruncated": False,
            "headers": [{"name": "Message-ID", "value": message_id}] if message_id else []}  # fmt: skip
    text = json.dumps({"eventType": said[0], "mail": mail, said[0].lower(): said[1]})
    return {"Type": "Notification", "MessageId": "a-b-c", "TopicArn": TOPIC, "Message": text,
            "Timestamp": stamp, "SignatureVersion": "2", "SigningCertURL": CERT_URL}  # fmt: skip


def _sign_ses(body, _password, at):
    cache.set(f"sns:{CERT_URL}", certificate(), 60)
    body = {**body, "Timestamp": datetime.fromtimestamp(at, UTC).isoformat()}
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if body["Type"] != "Notification":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{body[name]}\n" for name in names if name in body)
    hashed = SHA1() if body["SignatureVersion"] == "1" else SHA256()  # noqa: S303 - SNS signs so unless told otherwise
    body["Signature"] = base64.b64encode(RSA_KEY.sign(text.encode(), PKCS1v15(), hashed)).decode()
    return json.dumps(body).encode(), {"Content-Type": "text/plain"}


def certificate():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA_KEY.public_key())
    made = made.serial_number(7).not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2040, 1, 1))  # noqa: DTZ001 - X.509 has no zone
    return made.sign(RSA_KEY, SHA256()).public_bytes(Encoding.PEM)


def _mailgun(kind, to, message_id, at):
    one = {"timestamp": at.timestamp(), "recipient": to, "message": {"headers": {"message-id": message_id.strip("<>")}}}
    client = {"client-info": {"user-agent": "Mozilla/5.0 (X11) Firefox/150"}}
    more = {
        "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
        "hard": {"event": "failed", "severity": "permanent", "reason": "bounce",
                 "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "5.1.1 user unknown"}},
        "soft": {"event": "failed", "severity": "permanent", "reason": "old",
                 "delivery-status": {"code": 552, "enhanced-code": "5.2.2", "message": "5.2.2 mailbox full"}},
        "complaint": {"event": "complained"},
        "unsubscribe": {"event": "unsubscribed"},
        "open": {"event": "opened", **client},
        "click": {"event": "clicked", "url": "https://kettle.example/box", **client},
    }.get(kind, {"event": "accepted"})  # fmt: skip
    return {"event-data": one | more}


def _sign_mailgun(body, _password, at):
    signature = hmac.digest(MAILGUN_KEY.encode(), f"{at}tok".encode(), sha256).hex()
    return json.dumps(
        {"signature": {"timestamp": str(at), "token": "tok", "signature": signature}, **body}
    ).encode(), {}


def _postmark(kind, to, message_id, at):
    stamp = at.isoformat()
    more = {
        "delivered": {"RecordType": "Delivery", "Recipient": to, "DeliveredAt": stamp, "Details": "250 ok"},
        "hard": {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Email": to, "BouncedAt": stamp,
                 "Details": "smtp;550 5.1.1 user unknown"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce", "TypeCode": 4096, "Email": to, "BouncedAt": stamp,
                 "Details": "smtp;552 5.2.2 mailbox full"},
        "complaint": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": to, "BouncedAt": stamp},
        "unsubscribe": {"RecordType": "SubscriptionChange", "Recipient": to, "ChangedAt": stamp, "SuppressSending": True,
                        "SuppressionReason": "ManualSuppression", "Origin": "Recipient"},
        "open": {"RecordType": "Open", "Recipient": to, "ReceivedAt": stamp, "UserAgent": "Mozilla/5.0 (X11) Firefox/150"},
        "click": {"RecordType": "Click", "Recipient": to, "ReceivedAt": stamp, "OriginalLink": "https://kettle.example/box",
                  "UserAgent": "Mozilla/5.0 (X11) Firefox/150"},
    }.get(kind, {"RecordType": "Inbound"})  # fmt: skip
    return {"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Metadata": {"message-id": message_id}, **more}


def _sendgrid(kind, to, message_id, at):
    one = {
        "email": to,
        "timestamp": int(at.timestamp()),
        "smtp-id": message_id,
        "sg_event_id": "x",
        "sg_message_id": "y",
    }
    more = {
        "delivered": {"event": "delivered", "response": "250 ok"},
        "hard": {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 user unknown"},
        "soft": {"event": "bounce", "type": "blocked", "status": "5.2.2", "reason": "552 5.2.2 mailbox full"},
        "complaint": {"event": "spamreport"},
        "unsubscribe": {"event": "group_unsubscribe"},
        "open": {"event": "open", "useragent": "Mozilla/5.0 (X11) Firefox/150"},
        "click": {"event": "click", "url": "https://kettle.example/box", "useragent": "Mozilla/5.0 (X11) Firefox/150"},
    }.get(kind, {"event": "processed"})
    return [one | more]


def _sign_sendgrid(body, _password, at):
    raw = json.dumps(body).encode()
    made = base64.b64encode(EC_KEY.sign(str(at).encode() + raw, ec.ECDSA(SHA256()))).decode()
    names = ("X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp")
    return raw, dict(zip(names, (made, str(at)), strict=True))


def _brevo(kind, to, message_id, at):
    one = {"email": to, "id": 1, "ts_event": int(at.timestamp()), "message-id": message_id, "subject": "News"}
    more = {
        "delivered": {"event": "delivered"},
        "hard": {"event": "hard_bounce", "reason": "550 5.1.1 user unknown"},
        "soft": {"event": "soft_bounce", "reason": "552 5.2.2 mailbox full"},
        "complaint": {"event": "spam"},
        "unsubscribe": {"event": "unsubscribed"},
        "open": {"event": "unique_opened", "user_agent": "Mozilla/5.0 (X11) Firefox/150"},
        "click": {
            "event": "click",
            "link": "https://kettle.example/box",
            "user_agent": "Mozilla/5.0 (X11) Firefox/150",
        },
    }.get(kind, {"event": "request"})
    return one | more


def _mailjet(kind, to, message_id, at):
    one = {
        "time": int(at.timestamp()),
        "email": to,
        "MessageID": 19421777835146490,
        "CustomID": message_id,
        "Payload": "",
    }
    more = {
        "delivered": {"event": "sent", "smtp_reply": "250 ok"},
        "hard": {"event": "bounce", "blocked": False, "hard_bounce": True, "error_related_to": "recipient",
                 "error": "user unknown", "comment": "550 5.1.1"},
        "soft": {"event": "bounce", "blocked": False, "hard_bounce": False, "error_related_to": "mailbox",
                 "error": "mailbox full", "comment": "552 5.2.2"},
        "complaint": {"event": "spam", "source": "JMRPP"},
        "unsubscribe": {"event": "unsub", "mj_list_id": 1},
        "open": {"event": "open", "agent": "Mozilla/5.0 (X11) Firefox/150"},
        "click": {"event": "click", "url": "https://kettle.example/box", "agent": "Mozilla/5.0 (X11) Firefox/150"},
    }.get(kind, {"event": "queued"})  # fmt: skip
    return [one | more]


def _resend(kind, to, message_id, at):
    data = {"email_id": "56761188", "from": "hello@kettle.example", "to": [to], "subject": "News"}
    data["headers"] = [{"name": "Message-ID", "value": message_id}] if message_id else []
    click = {"userAgent": "Mozilla/5.0 (X11) Firefox/150", "link": "https://kettle.example/box"}
    name, more = {
        "delivered": ("delivered", {}),
        "hard": (
            "bounced",
            {"bounce": {"type": "Permanent", "subType": "General", "message": "550 5.1.1 user unknown"}},
        ),
        "soft": (
            "bounced",
            {"bounce": {"type": "Transient", "subType": "MailboxFull", "message": "552 5.2.2 mailbox full"}},
        ),
        "complaint": ("complained", {}),
        "open": ("opened", {"click": {"userAgent": click["userAgent"]}}),
        "click": ("clicked", {"click": click}),
    }.get(kind, ("scheduled", {}))
    return {"type": f"email.{name}", "created_at": at.isoformat(), "data": data | more}


def _sign_resend(body, _password, at):
    raw = json.dumps(body).encode()
    return raw, {
        "svix-id": "msg_1",
        "svix-timestamp": str(at),
        "svix-signature": f"v1,none {sign(RESEND_SECRET, 'msg_1', at, raw)}",
    }


def _sign_by_password(body, password, _at):
    basic = base64.b64encode(f"ecrm:{password}".encode()).decode()
    return json.dumps(body).encode(), {"Authorization": f"Basic {basic}"}


BODIES = {"ses": _ses, "mailgun": _mailgun, "postmark": _postmark, "sendgrid": _sendgrid, "brevo": _brevo,
          "mailjet": _mailjet, "resend": _resend}  # fmt: skip
SIGNERS = {"ses": _sign_ses, "mailgun": _sign_mailgun, "sendgrid": _sign_sendgrid, "resend": _sign_resend,
           "postmark": _sign_by_password, "brevo": _sign_by_password, "mailjet": _sign_by_password}  # fmt: skip
WEEK = timedelta(days=7)
