"""Files that came in, what became of each row, and what they say of orders and visits."""

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from consent.models import Basis
from contacts.models import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey
from workspaces.tracking_mode import TrackingMode

LONGEST_SOURCE = 80


class ImportRun(Owned):
    """One file of people, orders or visits: how its columns map, on which basis, how far it got.

    `about` says of orders and visits what the file does not say itself: currency, shop; event, event_at, unsaid (what
    somebody did at the event where no status says it). `mapping` is column → target, `rules` column → what happens where
    there is a value already, `answers` column → {word: what it says of consent, or of an order}; `bytes_done` is where in
    the file the next row begins, `lines_done` how many lines stand above it; `words` counts the rows by what they said of
    consent, `cells` the cells by fate. `undo` says how far undoing it is (`place`), what it does (`counts`), by whom.
    """

    class Holds(models.TextChoices):
        PEOPLE = "people", _("people")
        ORDERS = "orders", _("orders")
        ATTENDANCE = "attendance", _("event attendance")

    class State(models.TextChoices):
        MAPPING = "mapping", _("Waiting for its columns")
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        COUNTING = "counting", _("Counting what undoing would do")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class Mode(models.TextChoices):
        UPSERT = "upsert", _("Create and update people")
        CREATE = "create", _("Create new people only")
        SUPPRESS = "suppress", _("Suppress (“do not contact”): the addresses in this file")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribed: withdraw their consent")
        RECORD = "record", _("Record; make contacts of unknown people")
        KNOWN = "known", _("Record for known people only")

    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    holds = models.CharField(max_length=10, choices=Holds, default=Holds.PEOPLE, db_default=Holds.PEOPLE.value)
    about = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    preset = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.UPSERT)
    mapping = models.JSONField(default=dict)
    rules = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    dialect = models.JSONField(default=dict)
    role = models.SmallIntegerField(null=True, blank=True)
    basis = models.CharField(_("lawful basis"), max_length=12, choices=Basis, blank=True)
    proof = models.TextField(_("the sentence that proves it"), blank=True)
    topic_key = models.CharField(max_length=40, blank=True)
    tracking = models.SmallIntegerField(_("Opens and clicks"), choices=TrackingMode, null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.MAPPING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0, db_default=0)
    lines_done = models.BigIntegerField(default=0, db_default=0)
    counts = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    cells = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    undo = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def source(self) -> str:
        """What everything that this run writes says of where it comes from: by it an undo finds it again."""
        return f"import {self.pk}: {self.file_name}"[:LONGEST_SOURCE]


class ImportedRow(Owned):
    """What became of one row of a file, kept for the report: line, outcome, reason. Nobody refers to it.

    `is_new`: it made the person, whatever the outcome: of somebody new on the suppression list it is "suppressed".
    """

    is_derived = True
    keyed_by = ("run_id", "line")

    class Outcome(models.TextChoices):
        CREATED = "created", _("New")
        UPDATED = "updated", _("Changed")
        SAME = "same", _("Same as before")
        SUPPRESSED = "suppressed", _("Suppressed")
        DUPLICATE = "duplicate", _("Twice in the file")
        NOBODY = "nobody", _("Nobody we know")
        NOTHING = "nothing", _("Nothing to record")
        INVALID = "invalid", _("Not usable")

    run = OwnedForeignKey(ImportRun, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField(blank=True)
    contact_id_made = models.BigIntegerField(null=True, blank=True)
    raw = models.JSONField(default=list)
    is_new = models.BooleanField(default=False, db_default=False)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "run", "outcome", "line"], name="row_outcome"),
            models.Index(
                fields=["workspace", "contact_id_made"],
                condition=models.Q(contact_id_made__isnull=False),
                name="row_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"


class ImportedRecord(Owned):
    """What one file says of one order or of one person at one event, whoever repeats it.

    `key` is a hash of what makes it the same one in every file (imports/facts/keys.py), `line` where it begins there.
    All files that name a key are read together (imports/facts/standing.py), so that a second file adds nothing, a part
    of a file adds its part, and an undo takes one file's word away. `said` is empty of who was erased.
    """

    keyed_by = ("key", "run_id")

    key = models.UUIDField()
    run = OwnedForeignKey(ImportRun, as_set=True, related_name="records")
    line = models.PositiveIntegerField()
    contact = OwnedForeignKey(Contact, as_set=True, null=True, related_name="imported_records")
    said = models.JSONField(default=dict)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "run", "key"], name="record_of_run"),
            models.Index(fields=["workspace", "contact"], name="record_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.key} in {self.run_id}"


class StandingFact(Owned):
    """Which fact of the ledger stands for an order or a visit now: one row for each part of it (bought, paid back, …).

    `digest` tells whether it still says what the files say. A fact that no longer does is voided by a Correction.
    """

    keyed_by = ("key", "part")

    key = models.UUIDField()
    part = models.CharField(max_length=20)
    touchpoint_id = models.UUIDField()
    digest = models.UUIDField()

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "touchpoint_id"], name="standing_fact")]

    def __str__(self) -> str:
        return f"{self.part}: {self.touchpoint_id}"
