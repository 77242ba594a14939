"""A sender's templates: read from WhatsApp when somebody asks and each day, and told by its webhook meanwhile."""

from collections.abc import Iterable, Iterator
from contextlib import suppress as ignoring
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from delivery.content.liquid import BadTemplateError
from delivery.engine.controlling import pause_for
from delivery.models import Message, Sender
from delivery.returns.events import part_of, word_of
from delivery.senders import messenger_of
from lib.clock import now
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.foreign.cleaning import to_line, to_text
from lib.foreign.foreign_json import BadJsonError, read_json
from lib.sealing import SealBrokenError
from messengers.keyring import keys_of
from messengers.models import TemplateLook, WhatsAppTemplate
from messengers.whatsapp.choosing import Choice, read_choice
from messengers.whatsapp.places import places_in
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "messengers.templates"
KIND = "whatsapp"
DAILY, AFTER_TROUBLE = timedelta(days=1), timedelta(hours=1)
FIELDS = "name,language,status,category,components,rejected_reason"
A_PAGE, MOST_PAGES = 100, 30
SECONDS = 20.0
A_SECOND = timedelta(microseconds=999_999)
LARGEST = 5_000_000
State = WhatsAppTemplate.State
STATES = {**{one.value: one for one in State}, "IN_APPEAL": State.PENDING, "FLAGGED": State.APPROVED}
log = structlog.get_logger(__name__)


class NotReadError(ValueError):
    """The templates could not be read; the text says why, in our words."""


def find_template(sender: Sender, choice: Choice) -> WhatsAppTemplate | None:
    """What we know of the template that a text asks for."""
    return WhatsAppTemplate.objects.filter(sender=sender, name=choice.name, language=choice.language).first()


def ask_templates(sender: Sender) -> None:
    """Have its templates read within seconds. May be repeated; does nothing to other senders."""
    if sender.kind == KIND:
        TemplateLook.objects.update_or_create(sender=sender, defaults={"next_at": now()})
        agenda.set_due(WORK)


def refresh_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: read the templates of each sender that is due, then again tomorrow. One's trouble stops no other."""
    with working_in(workspace):
        due = list(TemplateLook.objects.filter(next_at__lte=now(), sender__kind=KIND).select_related("sender"))
    for look in due:
        try:
            with working_in(workspace):
                address, token = _where(look.sender)
            asked_at = now()
            found = list(_read_all(address, token))
            with working_in(workspace):
                keep_templates(look.sender, found, as_of=asked_at)
            trouble = ""
        except NotReadError as error:
            trouble = str(error)[:300]
        with working_in(workspace):
            _note(look, trouble)
    with working_in(workspace):
        soonest: datetime | None = TemplateLook.objects.aggregate(soonest=Min("next_at"))["soonest"]
    return soonest


@transaction.atomic
def keep_templates(sender: Sender, told: Iterable[Any], *, as_of: datetime | None = None) -> int:
    """What WhatsApp lists is what there is; what it lists no more is gone. Returns how many it lists. May be repeated.

    `as_of`: when it was asked, now if not said; of whatever was heard since then the state stands.
    """
    moment = as_of or now()
    rows = {(one.name, one.language): one for one in filter(None, (_row(sender, each, moment) for each in told))}
    for known in WhatsAppTemplate.objects.select_for_update().filter(sender=sender).order_by("pk"):
        listed = rows.get((known.name, known.language))
        if listed is None and known.heard_at < moment:
            known.delete()
        elif listed is not None and known.heard_at >= moment:
            listed.state, listed.said, listed.heard_at = known.state, known.said, known.heard_at
    WhatsAppTemplate.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["workspace", "sender", "name", "language"],
        update_fields=[
            "category", "state", "said", "header", "header_text", "body", "footer", "parameters", "buttons", "heard_at",
        ],
    )  # fmt: skip
    return len(rows)


def hear_state(sender: Sender, value: Any, at: datetime) -> bool:
    """The webhook tells of one template; returns whether we know it. Older news than what we know changes nothing.

    One that we do not know yet is read with all the others.
    """
    name, language = word_of(value, "message_template_name"), word_of(value, "message_template_language")
    known = WhatsAppTemplate.objects.filter(sender=sender, name=name, language=language)
    if not known.exists():
        ask_templates(sender)
        return False
    state = STATES.get(word_of(value, "event"), State.OTHER)
    said = _why(word_of(value, "reason"))
    until = at + A_SECOND  # it tells whole seconds, and speaks of some moment within
    is_news = known.filter(heard_at__lte=until).update(state=state, said=said, heard_at=until)
    if is_news and state != State.APPROVED:
        _hold_messages(sender, known.get())
    return True


def _hold_messages(sender: Sender, template: WhatsAppTemplate) -> None:
    """What is on its way with this template stops, so that nobody is passed over because of it: whoever resumes goes on."""
    for message in Message.objects.filter(sender=sender, state=Message.State.SENDING).select_related("content"):
        with ignoring(BadTemplateError):
            choice = read_choice(message.content.body)
            if choice is not None and (choice.name, choice.language) == (template.name, template.language):
                text = _("WhatsApp: the template “%(name)s” may not be sent any more (%(state)s).")
                pause_for(message, text % {"name": template.name, "state": template.get_state_display()})


def _where(sender: Sender) -> tuple[str, str]:
    try:
        keys = keys_of(sender)
    except SealBrokenError as error:
        raise NotReadError(_("The token cannot be opened any more: enter it again.")) from error
    messenger: Any = messenger_of(sender)
    return messenger.place(messenger.settings.account_id, "message_templates"), keys.get("token", "")


def _read_all(address: str, token: str) -> Iterator[Any]:
    """Every template, page by page. Only the cursor of an answer is used: an address in it could lead elsewhere."""
    after = ""
    for _page in range(MOST_PAGES):
        asked = {"fields": FIELDS, "limit": A_PAGE, **({"after": after} if after else {})}
        tree = _read_page(f"{address}?{urlencode(asked)}", token)
        found = part_of(tree, "data")
        yield from found if isinstance(found, list) else []
        after = word_of(tree, "paging", "cursors", "after")
        if not after or not part_of(tree, "paging", "next"):
            return


def _read_page(url: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        answer = safe_fetch(url, headers=headers, largest=LARGEST, seconds=SECONDS)
        tree = read_json(answer.body)
    except (UnsafeAddressError, FetchFailedError) as error:
        raise NotReadError(_("WhatsApp cannot be reached: %(why)s.") % {"why": error}) from error
    except BadJsonError as error:
        raise NotReadError(_("WhatsApp’s answer cannot be read.")) from error
    if answer.status != 200:
        code = part_of(tree, "error", "code")
        text = _("WhatsApp does not show the templates (%(code)s). Check the account’s id and the token’s permissions.")
        raise NotReadError(text % {"code": code if isinstance(code, int) else answer.status})
    return tree


def _note(look: TemplateLook, trouble: str) -> None:
    look.looked_at = look.looked_at if trouble else now()
    look.next_at, look.trouble = now() + (AFTER_TROUBLE if trouble else DAILY), trouble
    TemplateLook.objects.filter(pk=look.pk).update(looked_at=look.looked_at, next_at=look.next_at, trouble=look.trouble)


def _row(sender: Sender, told: Any, heard_at: datetime) -> WhatsAppTemplate | None:
    name, language = to_line(word_of(told, "name"), 512), to_line(word_of(told, "language"), 15)
    if not name or not language:
        return None
    parts = part_of(told, "components")
    found = {word_of(one, "type").upper(): one for one in (parts if isinstance(parts, list) else [])}
    head, body = found.get("HEADER"), to_text(word_of(found.get("BODY"), "text"), 4_000)
    buttons = part_of(found.get("BUTTONS"), "buttons")
    return WhatsAppTemplate(
        sender=sender,
        name=name,
        language=language,
        category=to_line(word_of(told, "category"), 30),
        state=STATES.get(word_of(told, "status").upper(), State.OTHER),
        said=_why(word_of(told, "rejected_reason")),
        header=to_line(word_of(head, "format").upper(), 12),
        header_text=to_line(word_of(head, "text"), 200),
        body=body,
        footer=to_line(word_of(found.get("FOOTER"), "text"), 200),
        parameters=places_in(body),
        buttons=[
            [to_line(word_of(one, "type").upper(), 20), to_line(word_of(one, "text"), 60), word_of(one, "url")[:2_000]]
            for one in (buttons if isinstance(buttons, list) else [])[:10]
        ],
        heard_at=heard_at,
    )


def _why(reason: str) -> str:
    """Their word for why, readable; nothing where there is none."""
    return "" if reason.upper() in {"", "NONE"} else to_line(reason.replace("_", " ").capitalize(), 200)
