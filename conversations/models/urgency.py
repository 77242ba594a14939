"""Which words a workspace takes for danger, where it does not keep the shipped ones."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.owned import Owned


class UrgentWords(Owned):
    """The workspace's own list, in place of the shipped one; at most one row, without one the shipped words hold."""

    words = models.TextField(
        _("Words"),
        max_length=6_000,
        help_text=_("One word or phrase a line, in any language. Leave nothing, and the usual ones come back."),
    )

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_list_of_urgent_words")]

    def __str__(self) -> str:
        return self.words[:40]
