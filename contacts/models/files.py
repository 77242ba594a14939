"""What a file beside something is, wherever it lies: its name, its kind, its bytes."""

from django.db import models

from workspaces.owned import Owned


class KeptFile(Owned):
    """A file kept in the database, so that a backup holds it and an erasure takes it. `size`: bytes."""

    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta(Owned.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name
