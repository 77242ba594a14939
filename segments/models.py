"""Segments: a rule in words, and who fits it now."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.times.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Segment(Owned):
    """A group of people defined by a rule tree (JSON, see compiler.py). A private one is seen by its owner only.

    While `is_being_filled` its members are not yet those of the rule (segments/members/filling.py): `fill_count` of `fill_of`
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


class PeopleView(Owned):
    """A saved view of the list of people: what its address asks, and which columns it shows, by their keys.

    Its owner's alone, or shared with the team.
    """

    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=8000, blank=True)
    columns = models.JSONField(default=list)
    owner_id = models.BigIntegerField()
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("created_at", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "owner_id", "name"], name="people_view_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The query string that opens it."""
        return "&".join(filter(None, (f"view={self.pk}", self.query)))


class PeopleChoice(Owned):
    """What somebody of the team chose for a view (0: the list without one): columns; whether it opens by itself."""

    user_id = models.BigIntegerField()
    view_id = models.BigIntegerField(default=0)
    columns = models.JSONField(null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user_id", "view_id"], name="one_choice_for_a_view")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.view_id}"


class BulkAction(Owned):
    """Something done to everybody on a list at once: what, with which argument, by whom, how far it is.

    It can be taken back for a day (segments/people/undoing.py).
    """

    class State(models.IntegerChoices):
        RUNNING = 0, _("running")
        DONE = 1, _("done")
        UNDOING = 2, _("being taken back")
        UNDONE = 3, _("taken back")

    verb = models.CharField(max_length=20)
    argument = models.JSONField(default=dict)
    state = models.SmallIntegerField(choices=State, default=State.RUNNING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    undone_count = models.PositiveIntegerField(default=0)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "at"], name="bulk_action_at")]

    def __str__(self) -> str:
        return f"{self.verb} @ {self.at:%Y-%m-%d %H:%M}"


class BulkChange(Owned):
    """A contact whom an action means. `is_done`: it was their turn; `before`: what stood there, where it was changed.

    Gone when the action can no longer be taken back.
    """

    is_derived = True

    action = OwnedForeignKey(BulkAction, related_name="changes")
    contact = OwnedForeignKey("contacts.Contact")
    is_done = models.BooleanField(default=False)
    before = models.JSONField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "action", "contact"], name="once_in_an_action")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="bulk_change_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.action_id}"
