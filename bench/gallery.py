"""Emails of every kind that the product sends, as its engine writes and signs them: what others are asked to judge.

Nothing is sent. The keys are made by the desk of deliverability and noted as seen, as if the DNS showed them.
"""

from collections.abc import Iterator
from uuid import UUID

from consent.consenting import give_consent
from consent.models import Topic
from contacts.drafting import File
from contacts.models import Contact, Identity
from deliverability.keys import make_keys, note_seen
from deliverability.models import DkimKey
from delivery.content.people import fields_of
from delivery.engine.controlling import approve
from delivery.messengers.protocol import Recipient
from delivery.messengers.smtp import SmtpMessenger
from delivery.models import Content, Message, Sender
from delivery.personal.personal_emails import send_email
from delivery.transactional.machine_sends import Words, send_by_machine
from workspaces.current import current_workspace

DOMAIN = "kettle.coffee"  # of a real top-level domain: in links of others the judges see none
SETTINGS = {
    "host": "127.0.0.1", "port": 1, "security": "none", "from_name": "Kettle & Co", "from_email": f"hello@{DOMAIN}",
    "reply_to": f"team@{DOMAIN}", "return_path_domain": f"returns.{DOMAIN}",
}  # fmt: skip
PROSE = (
    "This year's first harvest has come in, and we have tasted all of it. The spring was cold and late in the hills, so"
    " the leaves are small, thick and a little sweeter than last year. We brew them at seventy degrees for two minutes."
)
NEWSLETTER = (
    "# Hello {{ contact.first_name | default: 'there' }}\n\n![A pot on a table](https://kettle.coffee/pot.png)\n\n"
    + "\n\n".join(
        f"{PROSE} [Read about garden {number}](https://kettle.coffee/garden/{number})." for number in range(10)
    )
)
TABLE = f"""<p>Dear {{{{ contact.first_name }}}},</p><p>{PROSE}</p><table role="presentation" width="100%">
<tr><th align="left">Tea</th><th align="left">Garden</th><th align="right">100 g</th></tr>
<tr><td>Spring green</td><td>Uji</td><td align="right">18.50</td></tr>
<tr><td>First flush</td><td>Makaibari</td><td align="right">21.00</td></tr></table>
<p><a href="https://kettle.coffee/list">The whole list</a></p>"""
MJML = f"""<mjml><mj-body><mj-section><mj-column><mj-image src="https://kettle.coffee/pot.png" alt="A pot"></mj-image>
<mj-text><h1>Spring teas</h1><p>{PROSE}</p><p>{PROSE}</p></mj-text>
<mj-button href="https://kettle.coffee/shop">See the teas</mj-button></mj-column></mj-section></mj-body></mjml>"""
RECEIPT = f"""<p>Dear Ada,</p><p>Thank you for your order 10432 of 27 November. {PROSE}</p><table>
<tr><td>Spring green, 100 g</td><td>18.50</td></tr><tr><td>Postage</td><td>4.90</td></tr></table><p>Your invoice is attached.</p>"""
GERMAN = """# Grüße aus der Küche

Die erste Ernte ist da, und wir haben sie für Sie verkostet. Das Frühjahr in den Hügeln war kühl und spät, darum sind
die Blätter klein, kräftig und süßer als im letzten Jahr. Übergießen Sie sie mit siebzig Grad heißem Wasser.

[Alle Tees anschauen](https://kettle.coffee/de/tees)"""
EMOJI = f"""# Spring is here 🌱

{PROSE} 🍵🍵

[See the teas 👀](https://kettle.coffee/shop)"""
HEBREW = """<div dir="rtl" lang="he"><p>שלום עדה,</p><p>הקטיף הראשון של השנה הגיע וטעמנו את כולו. האביב בגבעות היה קר ומאוחר,
ולכן העלים קטנים, עבים ומתוקים מעט יותר מבשנה שעברה.</p><p><a href="https://kettle.coffee/he">לכל התה</a></p></div>"""
LONG = (
    "The first harvest of the spring is here: twelve gardens, thirty teas, what we thought of each one of them when we"
    " tasted it, and which we would buy again"
)
LISTS = {
    "newsletter, ten links": ("News for {{ contact.first_name }}", NEWSLETTER, "markdown", ""),
    "HTML with a table": ("The spring list", TABLE, "html", ""),
    "MJML": ("Spring teas", MJML, "mjml", ""),
    "German": ("Grüße aus der Küche: die erste Ernte ist da, süß und kräftig", GERMAN, "markdown", "de"),
    "emoji": ("Spring is here 🌱 and so are the teas 🍵", EMOJI, "markdown", ""),
    "right to left": ("הקטיף הראשון של השנה", HEBREW, "html", ""),
    "long subject": (LONG, PROSE + "\n\n[Read on](https://kettle.coffee/spring)", "markdown", ""),
}


def write_gallery() -> dict[str, bytes]:
    """Each email by its name, signed. Call inside working_in, in a workspace without a sender."""
    sender = Sender.objects.create(name="Gallery", kind="smtp", settings=SETTINGS)
    make_keys(DOMAIN, by=None)
    note_seen(DOMAIN, set(DkimKey.objects.filter(domain=DOMAIN).values_list("selector", flat=True)))
    ada = _ada()
    return dict(_written(SmtpMessenger(sender), ada, sender))


def key_lines() -> dict[str, str]:
    """What the DNS shows of the gallery's keys: name → TXT."""
    keys = DkimKey.objects.filter(domain=DOMAIN, retired_at=None)
    return {f"{one.selector}._domainkey.{DOMAIN}": f"v=DKIM1; k={one.kind}; p={one.public}" for one in keys}


def _written(messenger: SmtpMessenger, ada: Contact, sender: Sender) -> Iterator[tuple[str, bytes]]:
    text = f"Dear Ada,\n\nthank you for coming by on Tuesday. {PROSE}\n\nUntil soon\nGrace"
    personal = send_email(ada, subject="Your visit on Tuesday", text=text, key=UUID(int=1), by=None, purpose="personal")
    yield "personal", _write(messenger, personal.message, ada, occasion=personal.pk)
    for name, (subject, body, body_format, language) in LISTS.items():
        content = Content.objects.create(subject=subject, body=body, body_format=body_format, language=language)
        topic = Topic.objects.order_by("pk").first()
        message = Message.objects.create(name=name, content=content, sender=sender, topic=topic)
        yield name, _write(messenger, approve(message, by=None), ada)
    invoice = File("Rechnung 10432 für Ada.pdf", "application/pdf", _pdf())
    send = send_by_machine(ada, Words("Your order 10432", RECEIPT, "html"), data={}, sender=sender, files=[invoice])
    yield "receipt, a PDF", _write(messenger, send.message, ada, occasion=send.pk)


def _write(messenger: SmtpMessenger, message: Message, ada: Contact, occasion: int = 0) -> bytes:
    workspace = current_workspace()
    fields = fields_of([ada.pk], brand=workspace.name)[ada.pk]
    return messenger.prepare(workspace, message).write(Recipient(ada.pk, 0, ada.email, 1, fields, occasion))


def _ada() -> Contact:
    ada = Contact.objects.create(name="Ada Byron", given_name="Ada", family_name="Byron", email="ada@people.coffee")
    Identity.objects.create(contact=ada, kind=Identity.Kind.EMAIL, value=ada.email)
    topic = Topic.objects.order_by("pk").first()
    if topic is None:
        raise LookupError("a workspace is founded with a topic")
    give_consent(ada, topic=topic, wording="Yes, write to me", page="https://kettle.coffee/join")
    return ada


def _pdf() -> bytes:
    """A page with nothing on it, whole enough for any reader."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    raw, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return raw + b"xref\n0 4\n0000000000 65535 f \n%btrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(raw),
    )
