"""What a preset is: what the columns of another program mean, and how it writes lists, numbers and states."""

from dataclasses import dataclass, field

from contacts.models import ImportRun, Suppression


@dataclass(frozen=True)
class Preset:
    """One program's export. `columns` maps header names (lower case) to targets; `signs` must all be in the header."""

    name: str
    label: str
    signs: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    list_separator: str = ","
    decimal_comma: bool = False
    id_prefix: str = ""

    def fits(self, file_name: str, header: list[str]) -> bool:
        """Whether a file with this header comes from the program."""
        return bool(self.signs) and self.signs <= {name.lower() for name in header}

    def mode(self, file_name: str) -> str:
        """What the file is for."""
        return ImportRun.Mode.UPSERT

    def reason(self) -> str:
        """Why the addresses of a do-not-contact file are on the list."""
        return Suppression.Reason.MANUAL
