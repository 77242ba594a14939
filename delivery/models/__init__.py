"""What goes out: senders, contents, messages, chunks of recipients, one row for everybody ever reached or spared."""

from delivery.models.deliveries import Delivery, LastOpen, RecipientChunk
from delivery.models.messages import Content, ContentVersion, Message, TrackedLink
from delivery.models.personal import EmailAttachment, PersonalEmail
from delivery.models.returns import ProviderWebhook
from delivery.models.senders import LETTER_KIND, PUSH_KIND, TEXT_KIND, Sender, Trial
from delivery.models.transactional import SendAttachment, TemplateVersion, TransactionalSend, TransactionalTemplate
from delivery.models.warm_ups import WarmUp

__all__ = [
    "LETTER_KIND",
    "PUSH_KIND",
    "TEXT_KIND",
    "Content",
    "ContentVersion",
    "Delivery",
    "EmailAttachment",
    "LastOpen",
    "Message",
    "PersonalEmail",
    "ProviderWebhook",
    "RecipientChunk",
    "SendAttachment",
    "Sender",
    "TemplateVersion",
    "TrackedLink",
    "TransactionalSend",
    "TransactionalTemplate",
    "Trial",
    "WarmUp",
]
