"""Packing: everything that is held about a person in one file, to read (HTML) and for machines (JSON).

Made in the background, entry by entry, so that it takes no memory whatever there is; kept for 30 days, readable by us only.
"""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from contacts.merging import relatives_of
from contacts.models import Contact
from lib.clock import now
from lib.personal import plain_json
from lib.retrying import is_passing
from lib.rooms import house
from privacy.models import PrivacyRequest
from workspaces.agenda import set_due
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace

WORK, FORGETTING = "privacy.packages", "privacy.forget_packages"
KEPT_DAYS = 30
STRAY_FOR = timedelta(hours=6)  # longer than any package takes
MARK = "entries-go-here"
SHOWN_ENTRIES = 5_000  # of one kind on the page to read; the file for machines has them all

log = structlog.get_logger(__name__)
Package = PrivacyRequest.Package


def want_package(request: PrivacyRequest) -> None:
    """It is made in the background from now on; the caller saves."""
    request.package_state = Package.WANTED
    set_due(WORK)


def make_packages(workspace: Workspace) -> None:
    """The agenda's work: every package that is wanted. One that fails says so, and the others are made."""
    while True:
        with working_in(workspace):
            request = PrivacyRequest.objects.filter(package_state=Package.WANTED).order_by("pk").first()
            if request is None or request.contact_id is None:
                return
            _sweep()
            path, counts = None, list[list[Any]]()
            try:
                with transaction.atomic():
                    path, counts = _make(workspace, request)
            except Exception as error:
                if is_passing(error):
                    raise
                log.exception("package_failed", workspace=workspace.slug, request=request.pk)
            _hand_over(request.pk, path, counts)


def package_path(request: PrivacyRequest) -> Path | None:
    """The file of a package that is ready, if it is still there."""
    path = Path(settings.MEDIA_ROOT) / request.package if request.package else None
    return path if path and request.package_state == Package.READY and path.is_file() else None


def delete_file(request: PrivacyRequest) -> None:
    """Take the file away, if there is one."""
    if request.package:
        (Path(settings.MEDIA_ROOT) / request.package).unlink(missing_ok=True)


def forget_packages(workspace: Workspace) -> datetime | None:
    """The agenda's work: packages of 30 days ago go. Returns when the next one does."""
    with working_in(workspace):
        ready = PrivacyRequest.objects.filter(package_state=Package.READY).order_by("package_made_at")
        for request in ready.filter(package_made_at__lte=now() - timedelta(days=KEPT_DAYS)):
            delete_file(request)
            request.package, request.package_state = "", Package.GONE
            request.save(update_fields=["package", "package_state"])
        _sweep()
        left = ready.exclude(package_made_at=None).first()
    return left.package_made_at + timedelta(days=KEPT_DAYS) if left and left.package_made_at else None


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "privacy" / str(current_workspace_id())


def _make(workspace: Workspace, request: PrivacyRequest) -> tuple[Path, list[list[Any]]]:
    """The file, which nobody can read before its request names it."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid4().hex}.zip"
    path.touch(mode=0o600, exist_ok=False)
    contact = request.contact
    assert contact is not None  # noqa: S101 - looked at by the caller
    with translation.override(contact.language or workspace.locale):
        try:
            return path, _write(path, relatives_of([contact.pk]), {"workspace": workspace, "made_at": now()})
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _hand_over(pk: int, path: Path | None, counts: list[list[Any]]) -> None:
    """Name the file in its request, as that stands by now: packing takes a while, and whoever is erased meanwhile gets none."""
    request = PrivacyRequest.objects.select_for_update().get(pk=pk)
    is_there = Contact.objects.filter(pk=request.contact_id or 0, erased_at=None).exists()
    if request.package_state != Package.WANTED or not is_there:
        if path is not None:
            path.unlink(missing_ok=True)
        if request.package_state == Package.WANTED:
            request.package_state = Package.GONE
    elif path is None:
        request.package_state = Package.FAILED
    else:
        delete_file(request)
        request.package = str(path.relative_to(settings.MEDIA_ROOT))
        request.package_bytes, request.package_counts = path.stat().st_size, counts
        request.package_made_at, request.package_state = now(), Package.READY
        request.note("packed", by_id=None)
        set_due(FORGETTING, now() + timedelta(days=KEPT_DAYS))
    request.save()


def _sweep() -> None:
    """Files that no request names: whoever made them was stopped in between."""
    named = set(PrivacyRequest.objects.exclude(package="").values_list("package", flat=True))
    until = (now() - STRAY_FOR).timestamp()
    for path in _folder().glob("*"):
        if str(path.relative_to(settings.MEDIA_ROOT)) not in named and path.stat().st_mtime < until:
            path.unlink(missing_ok=True)


def _write(path: Path, ids: list[int], context: Mapping[str, Any]) -> list[list[Any]]:
    """Both files into the zip; returns [which kind (its order), number of entries] of each."""
    page, data = path.with_suffix(".html"), path.with_suffix(".json")
    counts: list[list[Any]] = []
    try:
        with page.open("x", encoding="utf-8") as html, data.open("x", encoding="utf-8") as js:
            page.chmod(0o600)
            data.chmod(0o600)
            head, _mark, foot = _page(context).partition(MARK)
            html.write(head)
            js.write(f'{{"made_at": {plain_json(context["made_at"])}, "kinds": [')
            for number, kind in enumerate(house.personal_data):
                js.write("," if number else "")
                count = _write_kind(str(kind.name), kind.gather(ids), html, js)
                counts.append([kind.order, count])
            html.write(foot)
            js.write("]}\n")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.write(page, "to-read.html")
            zipped.write(data, "for-machines.json")
    finally:
        page.unlink(missing_ok=True)
        data.unlink(missing_ok=True)
    return counts


def _page(context: Mapping[str, Any]) -> str:
    """The page to read, with a mark where the entries go, which are written one by one."""
    return render_to_string("privacy/package_page.html", {**context, "entries_go_here": MARK})


def _write_kind(name: str, entries: Iterator[Mapping[str, Any]] | Any, html: TextIO, js: TextIO) -> int:
    html.write(f"<section><h2>{escape(name)}</h2>")
    js.write(f'{{"name": {plain_json(name)}, "entries": [')
    count = 0
    for entry in entries:
        js.write((",\n" if count else "\n") + plain_json(entry))
        if count < SHOWN_ENTRIES:
            html.write(_in_html(entry))
        count += 1
    if not count:
        html.write(f"<p>{escape(_('Nothing.'))}</p>")
    elif count > SHOWN_ENTRIES:
        words = _("%(left)d more are in the file for machines.") % {"left": count - SHOWN_ENTRIES}
        html.write(f"<p>{escape(words)}</p>")
    html.write("</section>\n")
    js.write("]}")
    return count


def _in_html(entry: Mapping[str, Any]) -> str:
    lines = "".join(
        f"<div><dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(_readable(value))}</dd></div>"
        for name, value in entry.items()
    )
    return f"<dl>{lines}</dl>"


def _readable(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M %Z")
    return plain_json(value) if isinstance(value, (dict, list)) else str(value)
