"""Draw static/icons.svg, the one sprite of all icons, from the npm package @tabler/icons.

    npm install --prefix /tmp/icons @tabler/icons
    python -m tools.icons /tmp/icons/node_modules/@tabler/icons

An icon that a template needs is added to NAMES first; `{% icon %}` refuses a name that is not in the sprite.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "static" / "icons.svg"
VENDOR = ROOT / "static" / "vendor" / "VENDOR.json"

NAMES = """
activity ad ad-2 adjustments affiliate alarm alert-triangle
align-left api archive arrow-back-up arrow-down arrow-down-left arrow-forward-up
arrow-left arrow-right arrow-up arrow-up-right at award badge ban basket bell bold bolt book bookmark brand-bluesky brand-linkedin
brand-mastodon brand-x brand-youtube browser building building-store bulb calendar calendar-event chart-bar chart-line
check checklist chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-plus
circle-x click clipboard clipboard-list clock clock-hour-4 clock-pause
clock-play code columns columns-3 command compass copy
corner-down-left credit-card crown dashboard database database-import device-desktop device-floppy device-laptop
device-mobile dots dots-vertical download edit eraser external-link eye eye-off file-import file-text filter
filter-plus fingerprint flag flame folder forms gauge
gift git-merge grip-vertical hand-grab hand-stop hash heading headset
heart heart-handshake help help-hexagon history home hourglass id inbox info-circle italic key keyboard language
layout-grid layout-list link link-off list list-check list-details
list-numbers loader-2 lock lock-open login-2 logout mail
mail-forward mail-off mail-opened mail-x map-pin menu-2 message message-2 message-circle
message-exclamation message-reply messages minus mood-happy mood-neutral mood-sad moon news note number
palette paperclip password pencil phone phone-call photo pin pinned player-pause player-play player-skip-forward
player-stop plug plug-connected plus point power printer qrcode question-mark quote radio receipt receipt-refund refresh
repeat robot rocket route rss scale search select selector send send-off server settings share shield shield-check
shield-lock shopping-bag shopping-cart sitemap sort-ascending
sort-descending sparkles speakerphone square-rounded stack-2 stairs-down
stairs-up star sun switch-horizontal tag tags target target-arrow template test-pipe ticket timeline tool trash
trending-down trending-up trophy truck-delivery upload user user-check user-circle user-heart user-minus
user-plus user-question user-search user-star user-x users users-group versions wand webhook world world-pin
world-www writing x
"""


def symbol(source: str, name: str) -> str:
    """One `<symbol>` of an icon's drawing, without comment, frame and blanks."""
    source = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    found = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    if found is None:
        raise ValueError(f"{name} is not an svg")
    inner = re.sub(r"\s+", " ", found[1]).replace("> <", "><").replace(" />", "/>").strip()
    inner = inner.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', "")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>'


def note_in_vendor_list(version: str) -> None:
    """Keep version and checksum of the sprite in VENDOR.json true."""
    facts = json.loads(VENDOR.read_text())
    ours = next(thing for thing in facts["vendored"] if "static/icons.svg" in thing["files"])
    ours["version"] = version
    ours["files"]["static/icons.svg"] = hashlib.sha256(SPRITE.read_bytes()).hexdigest()
    VENDOR.write_text(json.dumps(facts, indent=2) + "\n")


def main() -> None:
    package = Path(sys.argv[1])
    version = json.loads((package / "package.json").read_text())["version"]
    drawn = [symbol((package / "icons" / "outline" / f"{name}.svg").read_text(), name) for name in NAMES.split()]
    head = f"<!-- Tabler Icons {version}, MIT, see vendor/tabler-icons-LICENSE.txt -->"
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join([head, *drawn]) + "\n</svg>\n")
    note_in_vendor_list(version)
    sys.stdout.write(f"{len(drawn)} icons, {SPRITE.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
