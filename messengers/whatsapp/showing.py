"""A WhatsApp message before it leaves: how it will look, and what stands in its way."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.content.liquid import BadTemplateError, Fields
from delivery.messengers.protocol import Bubble
from delivery.models import Message
from messengers.models import WhatsAppTemplate
from messengers.whatsapp.choosing import Choice, read_choice
from messengers.whatsapp.places import PLACE, places_in
from messengers.whatsapp.templates import find_template

FILES = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})


def bubble_of(message: Message, text: str, fields: Fields) -> Bubble:
    """How it looks for this person. MissingFieldError, BadTemplateError."""
    choice = read_choice(message.content.body)
    if choice is None:
        return Bubble(text, says=_("Free text: it goes only to those who wrote to you within the last 24 hours."))
    filled, known = choice.fill(fields), find_template(message.sender, choice) if message.sender else None
    if known is None:
        values = "\n".join(f"{place}: {value}" for place, value in filled.body.items())
        return Bubble(values, filled.header, says=_state_of(choice, None))
    header = (
        _put_in(known.header_text, dict.fromkeys(places_in(known.header_text), filled.header))
        if known.header == "TEXT"
        else known.header.capitalize()
    )
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
    return _header_fault(choice, known) or _button_fault(choice, known)


def _header_fault(choice: Choice, known: WhatsAppTemplate) -> str:
    wants_file, has_place = known.header in FILES, bool(places_in(known.header_text))
    if choice.header is None and wants_file:
        text = _("Template “%(name)s” wants a picture or file: add the line “header” with its address.")
    elif choice.header is None and has_place:
        text = _("Template “%(name)s” has a place in its header: add the line “header”.")
    elif choice.header is not None and known.header in {"", "TEXT"} and not has_place:
        text = _("Template “%(name)s” has nothing to fill in its header: take the line “header” out.")
    else:
        return ""
    return text % {"name": choice.name}


def _button_fault(choice: Choice, known: WhatsAppTemplate) -> str:
    """A button with a place wants its line; one without has none, except what a quick reply sends back."""
    wanted = {number for number, one in enumerate(known.buttons) if one[0] == "COPY_CODE" or _has_place(one)}
    optional = {number for number, one in enumerate(known.buttons) if one[0] == "QUICK_REPLY" or len(one) < 3}
    given = set(choice.buttons)
    if wanted <= given <= wanted | optional:
        return ""
    text = _("Template “%(name)s” has these buttons to fill: %(places)s. The text fills: %(given)s.")
    return text % {"name": choice.name, "places": _numbers(wanted), "given": _numbers(given)}


def _has_place(button: Sequence[str]) -> bool:
    return len(button) > 2 and bool(places_in(button[2]))


def _numbers(found: set[int]) -> str:
    return ", ".join(str(one + 1) for one in sorted(found)) or "–"


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
