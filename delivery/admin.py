"""The rows of this room in the workspace's admin."""

from delivery import models as m
from workspaces.admin import show

show(m.Sender, "name", "kind", "per_second", "tested_at", "last_error", search=("name",), read_only=True)
show(m.WarmUp, "sender", "state", "step", "day", "taken_count", "started_at", filters=("state",), read_only=True)
show(m.Trial, "sender", "message", "state", "said", "asked_at", filters=("state",), read_only=True)
show(m.Content, "subject", "body_format", "changed_at", search=("subject",), read_only=True)
show(m.ContentVersion, "content", "number", "subject", "by_id", "is_clash", "made_at", read_only=True)
show(
    m.Message,
    "name",
    "state",
    "purpose",
    "sender",
    "planned_count",
    "scheduled_at",
    "finished_at",
    search=("name",),
    filters=("state", "purpose"),
    read_only=True,
)
show(m.RecipientChunk, "message", "number", "epoch", "leased_until", "is_done", read_only=True)
show(
    m.Delivery,
    "message",
    "contact",
    "state",
    "reason",
    "sent_at",
    "opened_at",
    "clicked_at",
    filters=("state",),
    read_only=True,
)
show(m.TrackedLink, "message", "number", "url", "label", search=("url", "label"), read_only=True)
show(m.PersonalEmail, "message", "contact", "by_id", "created_at", read_only=True)
show(m.EmailAttachment, "name", "email", "content_type", "size", read_only=True)
show(m.LastOpen, "contact", "day", read_only=True)
show(
    m.ProviderWebhook,
    "sender",
    "provider",
    "heard_at",
    "taken_count",
    "unknown_count",
    "refused_count",
    read_only=True,
)
show(m.TransactionalTemplate, "name", "draft", "created_at", "retired_at", search=("name",), read_only=True)
show(m.TemplateVersion, "template", "number", "message", "approved_at", read_only=True)
show(m.TransactionalSend, "message", "contact", "version", "created_at", read_only=True)
show(m.SendAttachment, "name", "send", "content_type", "size", read_only=True)
