"""The email that asks whether it was them: one standing message for each version, language and sender of a form."""

import re
from collections.abc import Mapping

from django.db import transaction

from consent.models import FormVersion, SignUp
from consent.sign_up_forms.texts import texts_in
from delivery.engine.controlling import resume
from delivery.models import Content, Message, Sender
from delivery.senders import find_sender
from delivery.transactional.messages import open_standing, send_to_one
from portal.models import ConfirmationEmail

PLACES = re.compile(r"\{(topics|day)\}")


def send_confirmation(sign_up: SignUp, version: FormVersion) -> bool:
    """Ask the address of this request, once, whether it was them; False while there is nobody to send it.

    May be repeated. It passes the gate, lease and journal as every message does. A message that a trouble had stopped
    goes on with this one, so that the next who signs up frees those who wait.
    """
    sender = find_sender()
    if sender is None or sign_up.contact is None:
        return False
    message = confirmation_message(version, sign_up.language, sender)
    if message.state == Message.State.PAUSED:
        resume(message, by=None)
    elif message.state != Message.State.SENDING:
        return False
    send_to_one(message, sign_up.contact, occasion=sign_up.pk)
    return True


@transaction.atomic
def confirmation_message(version: FormVersion, language: str, sender: Sender) -> Message:
    """The standing message, made at its first use. Locks the version."""
    FormVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    known = ConfirmationEmail.objects.filter(version=version, language=language, sender=sender)
    if (email := known.select_related("message").first()) is not None:
        return email.message
    texts = texts_in(version, language, version.form.language)
    content = Content.objects.create(
        subject=without_tags(texts["mail_subject"]), body=markdown_of(texts), language=language
    )
    message = Message.objects.create(
        name=f"{version.form.name} · {version.number} · {language}"[:120],
        content=content,
        sender=sender,
        purpose=Message.Purpose.CONFIRMATION,
        state=Message.State.APPROVED,
    )
    ConfirmationEmail.objects.create(version=version, language=language, sender=sender, message=message)
    return open_standing(message)


def markdown_of(texts: Mapping[str, str]) -> str:
    """The email's body: what was written, its two places as template tags, then the link."""
    text = PLACES.sub(r"{{ \1 }}", without_tags(texts["mail_text"]))
    button = re.sub(r"([\[\]\\])", r"\\\1", without_tags(texts["mail_button"])).replace("\n", " ")
    return f"{text}\n\n**[{button}]({{{{ confirm_link }}}})**\n"


def without_tags(text: str) -> str:
    """The text with its braces apart: what a marketer writes here is words, never a template."""
    return text.replace("{{", "{ {").replace("{%", "{ %").replace("}}", "} }").replace("%}", "% }")


def shown_address(sender: Sender | None) -> str:
    """The address from which confirmations come, "" where it is not known: to look for it among the spam."""
    return str(sender.settings.get("from_email", "")) if sender else ""
