"""What the ways out keep."""

from messengers.models.letters import PrintedLetter
from messengers.models.push import PushSubscription
from messengers.models.whatsapp import TemplateLook, WhatsAppTemplate, WhatsAppWindow

__all__ = ["PrintedLetter", "PushSubscription", "TemplateLook", "WhatsAppTemplate", "WhatsAppWindow"]
