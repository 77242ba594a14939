"""What a preset is: what the columns of another program mean, and how it writes lists, numbers and states."""

from dataclasses import dataclass, field

from consent.models import Suppression
from imports.models import ImportRun


@dataclass(frozen=True)
class Preset:
    """One program's export. `columns` maps header names (lower case) to targets; `signs` must all be in the header.

    `keeps_unknown`: a column that it does not name is an own field by its alias, or a custom field; else left out.
    """

    name: str
    label: str
    signs: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    list_separator: str = ","
    decimal_comma: bool = False
    id_prefix: str = ""
    keeps_unknown: bool = False

    def fits(self, file_name: str, header: list[str]) -> bool:
        """Whether a file with this header comes from the program."""
        return bool(self.signs) and self.signs <= {name.lower() for name in header}

    def mode(self, file_name: str) -> str:
        """What the file is for."""
        return ImportRun.Mode.UPSERT

    def reason(self) -> str:
        """Why the addresses of a suppression file are on the list."""
        return Suppression.Reason.MANUAL
