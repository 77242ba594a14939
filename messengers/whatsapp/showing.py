"""A WhatsApp message before it leaves: how it will look, and what stands in its way."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.content.liquid import BadTemplateError, Fields
from delivery.messengers.protocol import Bubble
from delivery.models import Message
from messengers.models import WhatsAppTemplate
from messengers.whatsapp.choosing import Choice, read_choice
from messengers.whatsapp.places import PLACE
from messengers.whatsapp.templates import find_template


def bubble_of(message: Message, text: str, fields: Fields) -> Bubble:
    """How it looks for this person. MissingFieldError, BadTemplateError."""
    choice = read_choice(message.content.body)
    if choice is None:
        return Bubble(text, says=_("Free text: it goes only to those who wrote to you within the last 24 hours."))
    filled, known = choice.fill(fields), find_template(message.sender, choice) if message.sender else None
    if known is None:
        values = "\n".join(f"{place}: {value}" for place, value in filled.body.items())
        return Bubble(values, filled.header, says=_state_of(choice, None))
    header = _put_in(known.header_text, {"1": filled.header}) if known.header == "TEXT" else known.header.capitalize()
    buttons = tuple(str(one[1]) for one in known.buttons)
    return Bubble(_put_in(known.body, filled.body), header, known.footer, buttons, _state_of(choice, known))


def faults_of(message: Message) -> list[str]:
    """What keeps it from everybody: a template that is not approved, or is not filled as it wants."""
    try:
        choice = read_choice(message.content.body)
    except BadTemplateError as error:
        return [_("The template cannot be read: %(why)s.") % {"why": error}]
    if choice is None or message.sender is None:
        return []
    found = fault_of(choice, find_template(message.sender, choice))
    return [found] if found else []


def fault_of(choice: Choice, known: WhatsAppTemplate | None) -> str:
    """Why this template goes to nobody now, "" when it may."""
    if known is None or known.state != WhatsAppTemplate.State.APPROVED:
        return _state_of(choice, known)
    wanted, given = set(map(str, known.parameters)), set(choice.body)
    if wanted != given:
        text = ngettext(
            "Template “%(name)s” has %(n)s place to fill: %(places)s. The text fills: %(given)s.",
            "Template “%(name)s” has %(n)s places to fill: %(places)s. The text fills: %(given)s.",
            len(wanted),
        )
        listed = {"places": ", ".join(sorted(wanted)) or "–", "given": ", ".join(sorted(given)) or "–"}
        return text % {"name": choice.name, "n": len(wanted), **listed}
    if known.header in {"IMAGE", "VIDEO", "DOCUMENT"} and choice.header is None:
        return _("Template “%(name)s” wants a picture or file: add the line “header” with its address.") % {
            "name": choice.name
        }
    return ""


def _state_of(choice: Choice, known: WhatsAppTemplate | None) -> str:
    facts = {"name": choice.name, "language": choice.language}
    if known is None:
        text = _("There is no template “%(name)s” in “%(language)s”, as far as we know. Refresh them in the sender.")
        return text % facts
    if known.state == WhatsAppTemplate.State.APPROVED:
        return _("Template “%(name)s” (%(language)s), approved by WhatsApp.") % facts
    text = _("Template “%(name)s” (%(language)s) cannot be sent: %(state)s.")
    said = text % {**facts, "state": known.get_state_display()}
    return f"{said} {known.said}".strip()


def _put_in(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)
