"""Segments: a rule in words, and who fits it now."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Segment(Owned):
    """A group of people defined by a rule tree (JSON, see compiler.py). A private one is seen by its owner only.

    While `is_being_filled` its members are not yet those of the rule (segments/filling.py): `fill_count` of `fill_of`
    stand in it. `fill_error` is why they never will.

    A list (`is_list`) has people whom somebody picked, in SegmentPick; its rule says so (leaf_types/picked.py), so that
    everything else treats it as any other segment.
    """

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("in a sentence"), max_length=300, blank=True)
    rule = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    owner_id = models.BigIntegerField(null=True, blank=True)
    is_private = models.BooleanField(default=False)
    is_list = models.BooleanField(default=False, db_default=False)
    member_count = models.PositiveIntegerField(default=0)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    is_being_filled = models.BooleanField(default=False, db_default=False)
    fill_count = models.PositiveIntegerField(default=0, db_default=0)
    fill_of = models.PositiveIntegerField(default=0, db_default=0)
    fill_error = models.CharField(max_length=300, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="segment_name")]

    def __str__(self) -> str:
        return self.name


class SegmentCount(Owned):
    """How many stood in a segment on a day, at the last look of that day: the line of its growth."""

    segment = OwnedForeignKey(Segment, related_name="counts")
    day = models.DateField()
    people = models.PositiveIntegerField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "segment", "day"], name="one_count_a_day"),
            days_in_range("day", name="segment_count_day_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.people}"


class SegmentMember(Owned):
    """A contact stands in a segment since `entered_at`.

    Whoever writes or takes away members holds the segment's row. Nobody asks for the segments of a person alone: an
    index for that cost a third of each member.
    """

    is_derived = True

    segment = OwnedForeignKey(Segment, related_name="members")
    contact = OwnedForeignKey("contacts.Contact")
    entered_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "segment", "contact"], name="one_place_in_a_segment")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class SegmentPick(Owned):
    """Somebody put a contact on a list by hand, or by a file. Who that contact is merged into stands on it, too."""

    segment = OwnedForeignKey(Segment, related_name="picks")
    contact = OwnedForeignKey("contacts.Contact")
    picked_at = models.DateTimeField(default=now)
    picked_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "segment", "contact"], name="picked_once_for_a_list")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="picked_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.segment_id}"


class SegmentRecheck(Owned):
    """Something happened to contacts: segments must look at them again. One row a batch, gone when they did.

    `words_stand`: the search need not look at them, for whoever wrote them gave them their words too.
    """

    is_derived = True

    contact_ids = ArrayField(models.BigIntegerField())
    words_stand = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{len(self.contact_ids)} @ {self.at:%Y-%m-%d %H:%M}"


class SegmentDue(Owned):
    """Time alone can change who is in this segment: look again at `due_at`."""

    is_derived = True

    segment = OwnedForeignKey(Segment)
    due_at = models.DateTimeField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "segment"], name="segment_due_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "due_at"], name="segment_due")]

    def __str__(self) -> str:
        return f"{self.segment_id} @ {self.due_at:%Y-%m-%d}"
