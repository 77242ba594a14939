"""Text as it is compared: folded once here, kept in a column of its own, and compared there by `=`.

PostgreSQL's lower() differs from server to server (with ICU or without), and under row security no index helps it.
`fold_case` leaves accents: Köln is not Koln. `fold` is for searching and leaves none: Łódź is found by lodz.
"""

import unicodedata
from typing import Any

from django.db import models

# What casefold leaves apart although it is one letter in two cases, or keeps as a letter that no keyboard types. ß is
# ss by casefold.
NAMED = str.maketrans({"İ": "i", "ı": "i", "Ł": "l", "ł": "l"})
# Letters that Unicode does not take apart into a letter and its accent.
WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ŋ": "n", "’": "'", "‘": "'"}
)


def fold_case(text: str) -> str:
    """The text as it is compared: one form of each sign (NFKC), no cases, ß as ss, ł as l, İ and ı as i."""
    if text.isascii():
        return text.lower()  # the same, 20 times as fast
    folded = unicodedata.normalize("NFKC", text).translate(NAMED).casefold().replace("i\u0307", "i")
    return unicodedata.normalize("NFKC", folded)


def fold(text: str) -> str:
    """The text as it is searched: `fold_case` without accents. Große Åsa is found by grosse asa, Sørensen by sorensen."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", fold_case(text)).translate(WITHOUT_PARTS)
    return "".join(one for one in split if not unicodedata.combining(one))


class FoldedField(models.CharField):
    """The folded twin of a text column, written with it by `save` and `bulk_create`; what writes by SQL folds itself.

    Without white space around it, and cut to the length of its column: fold what it is compared with by `folded`.
    """

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        fixed = {"blank": True, "editable": False, "default": "", "db_default": "", "db_collation": "C"}
        super().__init__(**{**options, **fixed})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("blank", "editable", "default", "db_default", "db_collation"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = folded(getattr(model_instance, self.of), int(self.max_length or 0))
        setattr(model_instance, self.attname, value)
        return value


def folded(text: str, length: int) -> str:
    """A text as a FoldedField of this length holds it."""
    if text.isascii():
        return text.lower().strip()[:length]
    return fold_case(text).strip()[:length]
