"""What each provider is asked for one email, byte for byte as it documents its interface, and how its webhook names it."""

import base64
import json
from collections import OrderedDict
from datetime import UTC, datetime

import pytest

from contacts.drafting import File
from delivery.content.mime import Envelope
from delivery.messengers.protocol import OutcomeKind
from delivery.returns.hooks import BY_KEY, likely_provider
from delivery.senders import messenger_of
from messengers.http.ses import Key
from tests.delivery.providers import ALL, FROM, Provider, make_provider_sender, mime_of
from tests.delivery.test_ways_out import Watch, to
from tests.factories.campaigns import make_message

ENDS = {
    "ses": "/v2/email/outbound-emails",
    "mailgun": "/v3/mg.kettle.example/messages.mime",
    "postmark": "/",
    "sendgrid": "/",
    "brevo": "/",
    "resend": "/",
    "mailjet": "/",
}


@pytest.fixture
def asked(inside):
    """`asked(kind)`: (request, message, what the same person's email says) of one email by this provider."""
    servers = []

    def go(kind, **settings):
        provider = Provider(kind)
        servers.append(provider)
        message = make_message(make_provider_sender(kind, provider.url, **settings))
        messenger = messenger_of(message.sender)
        run = messenger.prepare(inside, message)
        watch = Watch()
        ((_one, outcome),) = list(run.send(iter([to(0, "a@x.example", attempt=2)]), watch))
        messenger.close()
        assert outcome.kind == OutcomeKind.ACCEPTED
        assert watch.marks == [(0, "about"), (0, "accepted")]
        (request,) = provider.asked
        assert request.path == ENDS[kind]
        return request, message, run.write_words(to(0, "a@x.example", attempt=2))

    yield go
    for server in servers:
        server.close()


def headers_of(envelope: Envelope, message, workspace) -> dict[str, str]:
    return {
        "List-Id": "Kettle & Co <letter.kettle.kettle.example>",
        "Feedback-ID": f"{message.pk}:{workspace.pk}:letter:ecrm",
        "List-Unsubscribe": f"<{envelope.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Message-ID": envelope.message_id,
    }


def but(headers: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


def name_of(envelope: Envelope) -> str:
    return envelope.message_id.strip("<>")


def test_postmark(asked, inside):
    request, message, (envelope, words) = asked("postmark")

    headers = headers_of(envelope, message, inside) | {"X-PM-KeepID": "true"}
    assert request.headers["X-Postmark-Server-Token"] == "the-secret-key"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body, object_pairs_hook=OrderedDict) == {
        "From": '"Kettle \\"K\\" Köln" <hello@kettle.example>',
        "To": "a@x.example",
        "Subject": "News for Ann",
        "HtmlBody": words.html,
        "TextBody": words.text,
        "MessageStream": "broadcast",
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        "Metadata": {"message-id": name_of(envelope)},
        "TrackOpens": False,
        "TrackLinks": "None",
        "ReplyTo": "desk@kettle.example",
    }


def test_sendgrid(asked, inside):
    request, message, (envelope, words) = asked("sendgrid")

    assert request.headers["Authorization"] == "Bearer the-secret-key"
    assert json.loads(request.body) == {
        "personalizations": [{"to": [{"email": "a@x.example"}], "custom_args": {"ecrm_id": name_of(envelope)}}],
        "from": {"email": "hello@kettle.example", "name": FROM["from_name"]},
        "subject": "News for Ann",
        "content": [{"type": "text/plain", "value": words.text}, {"type": "text/html", "value": words.html}],
        "headers": but(headers_of(envelope, message, inside), "Message-ID"),
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
        "reply_to": {"email": "desk@kettle.example"},
    }


def test_brevo(asked, inside):
    request, message, (envelope, words) = asked("brevo")

    tree = json.loads(request.body)
    key = tree["headers"].pop("idempotencyKey")
    assert (request.headers["api-key"], len(key)) == ("the-secret-key", 36)
    assert tree == {
        "sender": {"email": "hello@kettle.example", "name": FROM["from_name"]},
        "to": [{"email": "a@x.example"}],
        "subject": "News for Ann",
        "htmlContent": words.html,
        "textContent": words.text,
        "headers": headers_of(envelope, message, inside) | {"X-Mailin-custom": name_of(envelope)},
        "replyTo": {"email": "desk@kettle.example"},
    }


def test_resend(asked, inside):
    request, message, (envelope, words) = asked("resend")

    assert request.headers["Authorization"] == "Bearer the-secret-key"
    assert len(request.headers["Idempotency-Key"]) == 36
    assert json.loads(request.body) == {
        "from": '"Kettle \\"K\\" Köln" <hello@kettle.example>',
        "to": ["a@x.example"],
        "subject": "News for Ann",
        "html": words.html,
        "text": words.text,
        "headers": headers_of(envelope, message, inside),
        "tags": [{"name": "ecrm", "value": name_of(envelope).partition("@")[0].replace(".", "_")}],
        "reply_to": "desk@kettle.example",
    }


def test_mailjet(asked, inside):
    request, message, (envelope, words) = asked("mailjet")

    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"public:the-secret-key"
    assert json.loads(request.body) == {
        "Messages": [
            {
                "From": {"Email": "hello@kettle.example", "Name": FROM["from_name"]},
                "To": [{"Email": "a@x.example"}],
                "Subject": "News for Ann",
                "TextPart": words.text,
                "HTMLPart": words.html,
                "CustomID": name_of(envelope),
                "Headers": but(headers_of(envelope, message, inside), "Message-ID", "List-Id"),
                "TrackOpens": "disabled",
                "TrackClicks": "disabled",
                "ReplyTo": {"Email": "desk@kettle.example"},
            }
        ]
    }


def test_mailgun(asked):
    request, _message, (envelope, _words) = asked("mailgun")

    boundary = request.headers["Content-Type"].partition("multipart/form-data; boundary=")[2]
    parts = request.body.split(f"--{boundary}".encode())
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"api:the-secret-key"
    assert parts[:4] == [
        b"",
        b'\r\nContent-Disposition: form-data; name="to"\r\n\r\na@x.example\r\n',
        b'\r\nContent-Disposition: form-data; name="o:tracking"\r\n\r\nno\r\n',
        f'\r\nContent-Disposition: form-data; name="v:ecrm-id"\r\n\r\n{name_of(envelope)}\r\n'.encode(),
    ]
    head = b'\r\nContent-Disposition: form-data; name="message"; filename="email.mime"\r\nContent-Type: message/rfc822\r\n\r\n'
    assert (parts[4][: len(head)], parts[5]) == (head, b"--\r\n")


def test_ses(asked):
    request, _message, (envelope, _words) = asked("ses")

    tree = json.loads(request.body)
    del tree["Content"]["Raw"]["Data"]
    assert tree == {
        "Destination": {"ToAddresses": ["a@x.example"]},
        "Content": {"Raw": {}},
        "EmailTags": [{"Name": "ecrm", "Value": name_of(envelope)}],
        "ConfigurationSetName": "news",
    }
    at = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    url = f"http://{request.headers['Host']}{request.path}"
    key = Key("AKIDEXAMPLE", "the-secret-key", "eu-central-1", "ses")
    wanted = key.headers_for("POST", url, request.body, {"Content-Type": "application/json"}, at=at)
    assert request.headers["Authorization"] == wanted["Authorization"]


@pytest.mark.parametrize("kind", ["ses", "mailgun"])
def test_who_takes_whole_emails_gets_the_same_as_by_smtp(asked, inside, kind):
    request, message, (envelope, words) = asked(kind)

    email = mime_of(kind, request.body)
    assert email["Message-ID"] == envelope.message_id
    assert email["List-Unsubscribe"] == f"<{envelope.unsubscribe}>"
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email["Feedback-ID"] == f"{message.pk}:{inside.pk}:letter:ecrm"
    text, html = [one.get_payload(decode=True).decode() for one in email.get_payload()]
    assert (text.split(), html.split()) == (words.text.split(), words.html.split())


def test_a_signature_is_the_one_that_amazon_documents():
    """From AWS's own test suite of Signature Version 4: post-vanilla and post-x-www-form-urlencoded."""
    key = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)

    plain = key.headers_for("POST", "https://example.amazonaws.com/", b"", {}, at=at)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    longer = key.headers_for("POST", "https://example.amazonaws.com/", b"Param1=value1", form, at=at)

    assert plain == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    }
    assert longer["Authorization"].endswith(
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )


def told_back(kind: str, request) -> object:
    """The webhook's event that the provider makes of this request, as far as it names the email."""
    tree = json.loads(request.body) if kind != "mailgun" else None
    stamp = 1_700_000_000
    if kind == "ses":
        mail = {"destination": [], "headers": [], "tags": {"ecrm": [tree["EmailTags"][0]["Value"]]}}
        inner = {"eventType": "Delivery", "mail": mail, "delivery": {"recipients": ["a@x.example"]}}
        return {"Type": "Notification", "Message": json.dumps(inner)}
    if kind == "mailgun":
        name = request.body.partition(b'name="v:ecrm-id"\r\n\r\n')[2].partition(b"\r\n")[0].decode()
        return {"event-data": {"event": "delivered", "recipient": "a@x.example", "user-variables": {"ecrm-id": name}}}
    if kind == "postmark":
        return {"RecordType": "Delivery", "Recipient": "a@x.example", "Metadata": tree["Metadata"]}
    if kind == "sendgrid":
        return [{"event": "delivered", "email": "a@x.example", "smtp-id": "<its@own>", "timestamp": stamp}
                | tree["personalizations"][0]["custom_args"]]  # fmt: skip
    if kind == "brevo":
        own = {"X-Mailin-custom": tree["headers"]["X-Mailin-custom"]}
        return {"event": "delivered", "email": "a@x.example", "message-id": "<its@own>"} | own
    if kind == "resend":
        tags = {one["name"]: one["value"] for one in tree["tags"]}
        return {"type": "email.delivered", "data": {"to": ["a@x.example"], "email_id": "x", "tags": tags}}
    return {"event": "sent", "email": "a@x.example", "CustomID": tree["Messages"][0]["CustomID"]}


@pytest.mark.parametrize("kind", ALL)
def test_what_the_provider_tells_of_it_names_the_very_email(asked, kind):
    request, message, _said = asked(kind)

    (event,) = BY_KEY[kind]().told(told_back(kind, request))

    assert event.sent == (message.pk, 100, 0)
    assert likely_provider(message.sender) == kind


@pytest.mark.parametrize("kind", ALL)
def test_who_has_no_reply_address_or_name_leaves_them_out(asked, kind):
    request, _message, _said = asked(kind, from_name="", reply_to="")

    text = mime_of(kind, request.body).as_string() if kind in {"ses", "mailgun"} else request.body.decode()
    assert "desk@" not in text
    assert "K\u00f6ln" not in text


@pytest.mark.parametrize("kind", ALL)
def test_files_go_along(inside, kind):
    provider = Provider(kind)
    message = make_message(make_provider_sender(kind, provider.url))
    messenger = messenger_of(message.sender)
    run = messenger.prepare(inside, message)
    run.files = [File("ö.txt", "text/plain", b"three kettles")]

    list(run.send(iter([to(0, "a@x.example")]), Watch()))
    messenger.close()
    provider.close()

    raw = provider.asked[0].body
    if kind in {"ses", "mailgun"}:
        part = mime_of(kind, raw).get_payload()[1]
        assert (part.get_filename(), part.get_payload(decode=True)) == ("ö.txt", b"three kettles")
    else:
        assert base64.b64encode(b"three kettles") in raw
        assert "ö.txt".encode() in raw
