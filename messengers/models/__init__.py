"""What the ways out keep."""

from messengers.models.whatsapp import TemplateLook, WhatsAppTemplate, WhatsAppWindow

__all__ = ["TemplateLook", "WhatsAppTemplate", "WhatsAppWindow"]
