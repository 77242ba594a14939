"""Static files under names that carry a hash of their bytes: a browser keeps them for a year and never asks again."""

import hashlib
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

YEAR = 31_536_000  # seconds; RFC 9111 gives no sense to more
MARK = "collected_from"  # beside the collected files: the fingerprint of their sources


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Names with hashes once `collectstatic` has run, plain ones before: a page never fails for want of a manifest.

    What a module imports and a style sheet loads is called by its hashed name too.
    """

    support_js_module_import_aggregation = True

    def url(self, name: str | None, force: bool = False) -> str:
        if name is None or (not force and name not in self.hashed_files):
            return str(StaticFilesStorage.url(self, name))
        return str(super().url(name, force))

    def post_process(self, *args: Any, **options: Any) -> Any:
        yield from super().post_process(*args, **options)
        if not options.get("dry_run"):
            Path(self.path(MARK)).write_text(fingerprint())


class StaticFiles(WhiteNoiseMiddleware):
    """Whitenoise, for which "for ever" is the year that caches understand."""

    FOREVER = YEAR


def fingerprint() -> str:
    """Of every source of a static file: its name, its size and when it was written."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {int(found.st_mtime)}\n".encode())  # an image keeps whole seconds
    return digest.hexdigest()


def are_collected(root: Path) -> bool:
    """Whether what `collectstatic` left in `root` was made of the sources as they are now."""
    mark = root / MARK
    return mark.exists() and mark.read_text() == fingerprint()
