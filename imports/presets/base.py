"""What a preset is: what the columns of another program mean, and how it writes lists, numbers and states."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from consent.models import Suppression
from imports.models import ImportRun


@dataclass(frozen=True)
class Preset:
    """One program's export. `columns` maps header names (lower case) to targets; `signs` must all be in the header.

    `beginnings` maps how headers begin to targets. `keeps_unknown`: a column that it does not name is an own field by
    its alias, or a custom field; else left out. `holds` says what its rows are (ImportRun.Holds). `region` "+": its phone
    numbers begin with a country code, without +.
    """

    name: str
    label: str
    signs: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    beginnings: dict[str, str] = field(default_factory=dict)
    list_separator: str = ","
    decimal_comma: bool | None = None
    id_prefix: str = ""
    keeps_unknown: bool = False
    region: str = ""
    holds: str = ImportRun.Holds.PEOPLE.value

    def fits(self, file_name: str, header: list[str]) -> bool:
        """Whether a file with this header comes from the program."""
        return bool(self.signs) and self.signs <= {name.lower() for name in header}

    def target(self, name: str) -> str | None:
        """What a column becomes; None where the program does not say."""
        known = self.columns.get(name.strip().lower())
        if known is not None:
            return known
        return next((to for start, to in self.beginnings.items() if name.lower().startswith(start)), None)

    def mode(self, file_name: str, header: Sequence[str]) -> str:
        """What the file is for."""
        return ImportRun.Mode.UPSERT if self.holds == ImportRun.Holds.PEOPLE else ImportRun.Mode.RECORD

    def reason(self) -> str:
        """Why the addresses of a suppression file are on the list."""
        return Suppression.Reason.MANUAL
