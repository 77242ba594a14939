"""The catalogues of words: `python -m tools.catalogue update` after texts changed, `compile` after a translation.

Extracted by Babel, from templates through Django's own reading of its tags: no GNU gettext is needed. The compiled
files stand in the repository, so that an installation reads them without a step of its own.
"""

import argparse
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
LANGUAGES = ("de",)
KEYWORDS = DEFAULT_KEYWORDS | {
    "_now": None,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
    "_lazy": None,
}
LEFT_OUT = ("tests/", "tools/", "bench/", "static/", "templates/backstage/styleguide")

Message = str | tuple[str, ...]


def sources() -> list[Path]:
    """What may hold words: Python modules and templates that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "templates/*"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    wanted = sorted({name for name in listed if not name.startswith(LEFT_OUT) and "/migrations/" not in name})
    return [ROOT / name for name in wanted if (ROOT / name).is_file()]


def words_in(path: Path) -> Iterator[tuple[int, Message, str | None]]:
    """(line, message id or (singular, plural), context) of each marked text of a file."""
    text = path.read_text()
    if path.suffix != ".py":
        # What is no call is blanked out with its indentation, which Python's own reader would mind
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for line, message, _comments, context in found:
        yield line, message, context


def marked() -> Catalog:
    """Every text of the product that is marked, with the places where it stands and its kind of placeholders."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for path in sources():
        for _line, message, context in words_in(path):
            first = message if isinstance(message, str) else message[0]
            if not first:
                continue
            flags = ["python-format"] if re.search(r"%\(\w+\)[sd]", first) else []
            catalogue.add(message, locations=[(str(path.relative_to(ROOT)), 0)], context=context, flags=flags)
    return catalogue


def po_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands in the repository; an empty one for a new language."""
    path = po_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str) -> list[Any]:
    """Marked texts that the language does not say yet."""
    known = read(language)
    lacking: list[Any] = []
    for message in marked():
        if not message.id:
            continue
        there = known.get(message.id, message.context)
        said: Any = there.string if there else ""
        if there is None or there.fuzzy or not all([said] if isinstance(said, str) else said):
            lacking.append(message.id)
    return lacking


def compiled(language: str) -> bytes:
    """What the language's .mo file holds."""
    out = io.BytesIO()
    write_mo(out, read(language))
    return out.getvalue()


def update(language: str) -> None:
    """Take in the texts of today: new ones are empty, gone ones leave, the others keep their translation."""
    known, fresh = read(language), marked()
    for message in fresh:
        there = known.get(message.id, message.context) if message.id else None
        if there and not there.fuzzy and isinstance(there.id, tuple) == isinstance(message.id, tuple):
            message.string = there.string
    fresh.locale, fresh.project, fresh.creation_date = known.locale, "eCRM", known.creation_date
    po_of(language).parent.mkdir(parents=True, exist_ok=True)
    with po_of(language).open("wb") as file:
        write_po(file, fresh, width=120, sort_output=True, omit_header=False, include_lineno=False)


def compile_all() -> None:
    """Write the compiled file of each language."""
    for language in LANGUAGES:
        po_of(language).with_suffix(".mo").write_bytes(compiled(language))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("update", "compile", "missing"))
    what = parser.parse_args().what
    if not settings.configured:
        settings.configure()
    if what == "update":
        for language in LANGUAGES:
            update(language)
    if what == "missing":
        for language in LANGUAGES:
            for message in missing(language):
                print(language, repr(message))
    else:
        compile_all()


if __name__ == "__main__":
    main()
