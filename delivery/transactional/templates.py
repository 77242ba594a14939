"""Templates of transactional emails: written, tried, approved; each approval is a version that stays as it is."""

import json
from typing import Any

from django.db import transaction
from django.db.models import Max

from delivery.engine.controlling import approve
from delivery.models import Content, Message, Sender, TemplateVersion, TransactionalTemplate
from delivery.transactional.messages import open_standing
from emails.finding_flaws import flaws_of, lost_pictures
from emails.reading import read_blocks
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

CONTENT = ("subject", "preheader", "body_format", "body", "blocks")


class NameTakenError(ValueError):
    """Another template has this name."""


class NothingToApproveError(ValueError):
    """It lacks its subject, its text or its sender; the text says which."""


class FlawedBlocksError(ValueError):
    """A block keeps it back; the text says which and why."""


class NoSuchTemplateError(ValueError):
    """No template of this name goes out."""


@transaction.atomic
def write_template(
    template: TransactionalTemplate | None,
    *,
    name: str,
    sender: Sender | None,
    example: dict[str, Any],
    by: User | None,
    **words: str,
) -> TransactionalTemplate:
    """Make a template, or change what is being written of one; what goes out stays until it is approved. NameTakenError."""
    is_new = template is None
    others = TransactionalTemplate.objects.filter(name=name)
    if (others.exclude(pk=template.pk) if template else others).exists():
        raise NameTakenError(name)
    if template is None:
        draft = Message(content=Content(), purpose=Message.Purpose.TRANSACTIONAL)
        template = TransactionalTemplate(draft=draft)
    draft = template.draft
    for one in CONTENT:
        if one in words:
            setattr(draft.content, one, words[one])
    draft.content.changed_at = now()
    kept = [one for one in CONTENT if one in words]  # blocks are changed in their editor, perhaps at this moment
    draft.content.save(update_fields=None if is_new else [*kept, "changed_at"])
    draft.content_id, draft.name, draft.sender = draft.content.pk, name, sender
    draft.save()
    template.draft_id, template.name, template.example = draft.pk, name, example
    template.save()
    audit("template.made" if is_new else "template.edited", by=by, target=template)
    return template


@transaction.atomic
def approve_template(template: TransactionalTemplate, *, by: User | None) -> TemplateVersion:
    """What is written goes out from now on under the template's name; versions of before finish what they began.

    NothingToApproveError, FlawedBlocksError, BadTemplateError. Locks the template.
    """
    template = TransactionalTemplate.objects.select_for_update().get(pk=template.pk)
    draft = Message.objects.select_related("content", "sender").get(pk=template.draft_id)
    lacking = [name for name, there in _needed(draft).items() if not there]
    if lacking:
        raise NothingToApproveError(lacking[0])
    _check_blocks(draft.content)
    words = {name: getattr(draft.content, name) for name in (*CONTENT, "language")}
    message = Message.objects.create(
        name=template.name,
        content=Content.objects.create(**words),
        sender=draft.sender,
        purpose=Message.Purpose.TRANSACTIONAL,
    )
    open_standing(approve(message, by=by))
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    if template.retired_at is not None:
        template.retired_at = None
        template.save(update_fields=["retired_at"])
    version = TemplateVersion.objects.create(
        template=template, number=last + 1, message=message, approved_by_id=by.pk if by else None
    )
    audit("template.approved", by=by, target=template, version=version.number)
    return version


@transaction.atomic
def retire_template(template: TransactionalTemplate, *, by: User | None) -> None:
    """Nothing goes out under its name any more, until it is approved again. May be repeated."""
    TransactionalTemplate.objects.filter(pk=template.pk, retired_at=None).update(retired_at=now())
    audit("template.retired", by=by, target=template)


def version_named(name: str) -> TemplateVersion:
    """The version that goes out under this name. NoSuchTemplateError."""
    rows = TemplateVersion.objects.filter(template__name=name, template__retired_at=None)
    found = rows.select_related("message__sender", "message__content", "template").order_by("-number").first()
    if found is None:
        raise NoSuchTemplateError(name)
    return found


def version_in_use(template: TransactionalTemplate) -> TemplateVersion | None:
    """The newest version; what goes out where the template is not retired."""
    return template.versions.order_by("-number").first()


def is_changed(template: TransactionalTemplate, version: TemplateVersion | None) -> bool:
    """Whether what is written is another than what goes out."""
    if version is None:
        return True
    draft, sent = template.draft, version.message
    return draft.sender_id != sent.sender_id or any(
        getattr(draft.content, one) != getattr(sent.content, one) for one in CONTENT
    )


def _needed(draft: Message) -> dict[str, bool]:
    return {
        "subject": bool(draft.content.subject.strip()),
        "text": bool(draft.content.body.strip()),
        "sender": draft.sender is not None,
    }


def _check_blocks(content: Content) -> None:
    """FlawedBlocksError for the first that must be put right."""
    blocks = read_blocks(content.blocks) if content.blocks else []
    lost = lost_pictures(blocks)
    for block in blocks:
        for flaw in flaws_of(block, lost):
            if flaw.stops:
                raise FlawedBlocksError(f"{block.label}: {flaw.text}")


def facts_of(template: TransactionalTemplate) -> dict[str, Any]:
    """What the form of a template shows of it."""
    content = template.draft.content
    return {
        "name": template.name,
        "sender": template.draft.sender_id,
        "subject": content.subject,
        "preheader": content.preheader,
        "body_format": content.body_format,
        "body": content.body,
        "example": json.dumps(template.example, ensure_ascii=False, indent=2) if template.example else "",
    }
