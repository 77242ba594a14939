"""What the ways out keep."""

from messengers.models.push import PushSubscription
from messengers.models.whatsapp import TemplateLook, WhatsAppTemplate, WhatsAppWindow

__all__ = ["PushSubscription", "TemplateLook", "WhatsAppTemplate", "WhatsAppWindow"]
