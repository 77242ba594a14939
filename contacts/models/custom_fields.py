"""The fields that a workspace declares itself: what each is called, and what its values are."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.folding import FoldedField
from lib.clock import now
from workspaces.owned import Owned


class CustomType(models.TextChoices):
    """What the values of a custom field are."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    YES_NO = "yes_no", _("Yes or no")
    CHOICE = "choice", _("Choice")


class FieldDefinition(Owned):
    """A custom field that somebody declared. Its values are the rows of FieldValue that bear its `name`.

    `name` never changes: rules, files, emails and the API know the field by it; `label` is what people read. `choices`
    is a list of {"value", "is_archived"} in their order; an archived one stays with who has it and is offered to nobody.
    """

    name = models.CharField(_("key"), max_length=80)
    folded = FoldedField("name", max_length=80)
    label = models.CharField(_("label"), max_length=80)
    type = models.CharField(_("type"), max_length=8, choices=CustomType, default=CustomType.TEXT)
    choices = models.JSONField(default=list, blank=True)
    help_line = models.CharField(_("help line"), max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "folded"], name="one_field_of_a_name")]

    def __str__(self) -> str:
        return self.label

    @property
    def offered(self) -> list[str]:
        """The choices that may be chosen from now on."""
        return [one["value"] for one in self.choices if not one.get("is_archived")]

    @property
    def known_choices(self) -> list[str]:
        """Every choice there ever was."""
        return [one["value"] for one in self.choices]
