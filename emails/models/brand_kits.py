"""How the brand's emails look."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from emails.models.pictures import Picture
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey

colour = RegexValidator(r"\A#[0-9a-f]{6}\Z", _("Write a colour as #0a5c40."))


class BrandKit(Owned):
    """The look of every email, at most one a workspace; a workspace without one has the usual look.

    Colours are #rrggbb: `paper` lies under the words, `around` outside of it, `soft` under cards and the foot, `accent`
    on buttons and links. Dark ones are made of these (emails/palette.py). `social` is a list of {"name", "url"}.
    """

    class Font(models.TextChoices):
        GEORGIA = "georgia", "Georgia"
        TIMES = "times", "Times New Roman"
        PALATINO = "palatino", "Palatino"
        VERDANA = "verdana", "Verdana"
        ARIAL = "arial", "Arial"
        TREBUCHET = "trebuchet", "Trebuchet"
        TAHOMA = "tahoma", "Tahoma"
        COURIER = "courier", "Courier New"
        SYSTEM = "system", _("The reader’s own")

    logo = OwnedForeignKey(Picture, null=True, blank=True, in_database="NO ACTION", related_name="+")
    dark_logo = OwnedForeignKey(Picture, null=True, blank=True, in_database="NO ACTION", related_name="+")
    ink = models.CharField(_("words"), max_length=7, default="#17211d", validators=[colour])
    accent = models.CharField(_("buttons and links"), max_length=7, default="#0a5c40", validators=[colour])
    paper = models.CharField(_("paper"), max_length=7, default="#ffffff", validators=[colour])
    soft = models.CharField(_("cards and foot"), max_length=7, default="#f2f5f3", validators=[colour])
    around = models.CharField(_("around the paper"), max_length=7, default="#f4f6f5", validators=[colour])
    heading_font = models.CharField(_("headings"), max_length=12, choices=Font, default=Font.SYSTEM)
    text_font = models.CharField(_("text"), max_length=12, choices=Font, default=Font.SYSTEM)
    corner = models.PositiveSmallIntegerField(_("rounded corners"), default=4)
    social: Any = models.JSONField(default=list)
    foot_note = models.CharField(_("a line at the foot"), max_length=300, blank=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_brand_kit")]

    def __str__(self) -> str:
        return f"{self.accent} {self.heading_font}"
