"""What changed of people, and who said so."""

from typing import ClassVar

from django.db import models

from contacts.models.people import Contact
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class FieldChange(Owned):
    """Fields of one contact that changed by one statement: {field: [before, after]}. Only ever added to, by triggers.

    A value is what the contact's column holds; of a custom field its text, or {text, number, moment} where it has a type;
    null where there was none. `by_id` is the colleague, if it was one; `source` says in a few words where it came from.
    """

    contact = OwnedForeignKey(Contact, in_database="NO ACTION", as_set=True, related_name="field_changes")
    at = models.DateTimeField(default=now)
    by_id = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [moments_in_range("at", name="field_change_in_range")]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact", "-id"], name="field_change_of")]

    def __str__(self) -> str:
        return ", ".join(self.changes)
