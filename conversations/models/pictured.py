"""What a file is of which a small picture can stand beside it."""

from typing import Self

from django.db import models

from contacts.models.files import KeptFile
from lib.pictures import Remade


class PicturedFile(KeptFile):
    """A file and, where it is a picture that can be read, a small one of it: made by us, once, so that pages need not load
    the file. Read without both: `.defer(*BYTES)`.
    """

    thumbnail = models.BinaryField(null=True, blank=True)
    thumbnail_width = models.PositiveSmallIntegerField(default=0, db_default=0)  # pixels; 0: there is none
    thumbnail_height = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(KeptFile.Meta):
        abstract = True

    def with_thumbnail(self, small: Remade | None) -> Self:
        """Itself, not saved, with this beside it."""
        if small is not None:
            self.thumbnail = small.data
            self.thumbnail_width, self.thumbnail_height = small.width, small.height
        return self

    @property
    def has_thumbnail(self) -> bool:
        """Whether there is a small picture of it."""
        return self.thumbnail_width > 0

    @property
    def small(self) -> Remade | None:
        """The small picture as it is kept."""
        if not self.thumbnail:
            return None
        return Remade(bytes(self.thumbnail), "", self.thumbnail_width, self.thumbnail_height)


BYTES = ("data", "thumbnail")
