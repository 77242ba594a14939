"""What we ship from others is what VENDOR.json says it is."""

import hashlib
import json
import re
from pathlib import Path

from django.conf import settings

from lib.rooms import house
from lib.templatetags.look import icon_names

ROOT = Path(settings.BASE_DIR)


def test_every_vendored_file_is_unchanged_and_has_its_licence():
    facts = json.loads((ROOT / "static" / "vendor" / "VENDOR.json").read_text())["vendored"]

    wrong = [
        path
        for thing in facts
        for path, digest in thing["files"].items()
        if hashlib.sha256((ROOT / path).read_bytes()).hexdigest() != digest
    ]
    assert wrong == []
    assert all((ROOT / thing["license_file"]).exists() for thing in facts)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }
    assert used - icon_names() == set()


def test_every_icon_that_a_room_names_is_in_the_sprite():
    """Of pages of settings, entries of the navigation, acts of the palette: whatever a room offers with a picture."""
    offered = [one for row in vars(type(house)) if not row.startswith("_") for one in _listed(getattr(house, row))]
    named = {one.icon for one in offered if isinstance(getattr(one, "icon", None), str)}

    assert len(named) > 20
    assert named - {""} - icon_names() == set()


def _listed(value):
    return value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else []
