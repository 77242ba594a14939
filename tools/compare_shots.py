"""Say which pictures differ: `python -m tools.compare_shots BEFORE AFTER`.

Two folders of PNGs with the same names, of before and after a change that should not be seen. Prints the share of
pixels that differ, worst first; exit code 1 when there is any. Freeze the data and the clock before taking them.
"""

import sys
from pathlib import Path

from PIL import Image, ImageChops

SEEN = 12  # of 255: below it, nobody sees a difference (fonts are drawn a shade apart from run to run)
WHOLE = 100.0


def main() -> int:
    before, after = map(Path, sys.argv[1:3])
    names = sorted({path.name for folder in (before, after) for path in folder.glob("*.png")})
    found = [(share, name) for name in names if (share := difference(before / name, after / name))]
    for share, name in sorted(found, reverse=True):
        sys.stdout.write(f"{share:7.3f} %  {name}\n")
    sys.stdout.write(f"{len(found)} of {len(names)} differ\n")
    return 1 if found else 0


def difference(one: Path, other: Path) -> float:
    """Percent of the pixels that differ visibly; 100 when one is missing or their sizes differ."""
    if not (one.exists() and other.exists()):
        return WHOLE
    with Image.open(one) as left, Image.open(other) as right:
        if left.size != right.size:
            return WHOLE
        bands = ImageChops.difference(left.convert("RGB"), right.convert("RGB")).split()
        most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
        seen = sum(most.histogram()[SEEN + 1 :])
        return WHOLE * seen / (left.width * left.height)


if __name__ == "__main__":
    sys.exit(main())
