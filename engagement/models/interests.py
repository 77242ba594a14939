"""What people are interested in: tags, what carries them, and the decayed sum of each person and tag."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey

LONGEST_TAG = 60
LONGEST_ADDRESS = 300


class Said(models.IntegerChoices):
    """A person's own word about a tag, which counts more than anything they did."""

    NOTHING = 0, _("nothing")
    WANTS = 1, _("interested")
    NOT_WANTED = 2, _("not interested")


class InterestTag(Owned):
    """Something to be interested in. `key` is its first name folded, and stays; `name` is how it is shown.

    One that was merged into another, or an earlier name, stays as a signpost: `merged_into` says what it means now.
    """

    key = models.CharField(max_length=LONGEST_TAG)
    name = models.CharField(_("name"), max_length=LONGEST_TAG)
    merged_into = OwnedForeignKey("self", null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="interest_tag_key")]
        indexes: ClassVar = [models.Index(fields=["workspace", "merged_into"], name="interest_tag_merged")]

    def __str__(self) -> str:
        return self.name


class Interest(Owned):
    """How much one person is drawn to one tag: `sum = Σ weight·u·2^((day − landmark)/60)`, and their own word.

    Made anew at any time from the ledger, LinkTag, PageRule and InterestWord (interests/rebuilding.py). The person is
    who stands for everybody merged into them.
    """

    is_derived = True

    contact = OwnedForeignKey(Contact)
    tag = OwnedForeignKey(InterestTag)
    sum = models.FloatField(default=0)
    said = models.SmallIntegerField(choices=Said, default=Said.NOTHING, db_default=Said.NOTHING)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "contact", "tag"], name="one_interest_each")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "tag", "contact"], name="interest_people")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.tag_id}"


class InterestDay(Owned):
    """How many facts of a kind spoke for one tag on one day: a day counts up to three. `added`: by the last batch."""

    is_derived = True

    contact = OwnedForeignKey(Contact)
    tag = OwnedForeignKey(InterestTag)
    kind = models.SmallIntegerField()
    day = models.DateField()
    count = models.IntegerField()
    added = models.IntegerField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "contact", "tag", "kind", "day"], name="one_interest_day")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.tag_id} {self.day}"


class InterestWord(Owned):
    """What a person said about a tag last. `by_id`: the colleague who wrote it down for them; None: they themselves."""

    contact = OwnedForeignKey(Contact)
    tag = OwnedForeignKey(InterestTag)
    said = models.SmallIntegerField(choices=Said)
    at = models.DateTimeField(default=now)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "contact", "tag"], name="one_word_each")]
        indexes: ClassVar = [models.Index(fields=["workspace", "tag"], name="interest_word_tag")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.get_said_display()}"


class LinkTag(Owned):
    """A link of a message is about something. The message and the number are those of delivery's tracked links."""

    message_id = models.BigIntegerField()
    number = models.IntegerField()
    tag = OwnedForeignKey(InterestTag)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message_id", "number", "tag"], name="link_tag_once")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "tag"], name="link_tag_uses")]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number}: {self.tag_id}"


class PageRule(Owned):
    """Pages whose address begins so are about something; so are links of emails that lead there.

    `begins` as the form keeps it: without scheme and www., in small letters up to the path (kettle.example/tea).
    """

    begins = models.CharField(_("address begins with"), max_length=LONGEST_ADDRESS)
    tag = OwnedForeignKey(InterestTag)

    class Meta:
        base_manager_name = "objects"
        ordering = ("begins", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "begins", "tag"], name="page_rule_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "tag"], name="page_rule_uses")]

    def __str__(self) -> str:
        return self.begins
