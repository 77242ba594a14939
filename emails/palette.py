"""Colours of emails: which words can be read on which ground, and what a brand's look becomes in the dark.

Contrast is that of WCAG 2.2 (relative luminance of sRGB, 1 to 21); words want 4.5.
"""

from colorsys import hls_to_rgb, rgb_to_hls

READABLE = 4.5
LIGHT, DARK, BLACK = "#ffffff", "#17211d", "#000000"
DARK_PAPER, DARK_SOFT, DARK_AROUND = "#1b211e", "#272e2a", "#131816"
DARK_INK, DARK_LINE = "#e8ebe6", "#3b443f"
Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """How far two colours (#rrggbb) stand apart, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def words_on(ground: str) -> str:
    """White or nearly black, whichever is read better on this ground; black where neither can be read."""
    better = max((LIGHT, DARK), key=lambda one: contrast(one, ground))
    return better if contrast(better, ground) >= READABLE else BLACK


def readable_on(colour: str, ground: str) -> str:
    """The colour itself, or the nearest lighter or darker one that can be read on this ground."""
    hue, light, saturation = rgb_to_hls(*_rgb(colour))
    towards = 1.0 if _luminance(ground) < 0.18 else 0.0
    for step in range(21):
        tried = _hex(hls_to_rgb(hue, light + (towards - light) * step / 20, saturation))
        if contrast(tried, ground) >= READABLE:
            return tried
    return words_on(ground)


def readable_on_both(colour: str, ground: str, other: str) -> str:
    """The same for two grounds of about one lightness: the colour is moved for the harder of the two.

    Where it would be lighter for one and darker for the other: white or black, if that can be read on both.
    """
    found = readable_on(colour, ground)
    if is_readable(found, other):
        return found
    moved = readable_on(found, other)
    tried = (moved, readable_on(colour, other), LIGHT, DARK, BLACK)
    return next((one for one in tried if is_readable(one, ground, other)), found)


def is_readable(words: str, *grounds: str) -> bool:
    """Whether words of this colour can be read on each of these grounds."""
    return all(contrast(words, ground) >= READABLE for ground in grounds)


def quieter(ink: str, *grounds: str) -> str:
    """The ink a third nearer to the first of its grounds, for what stands beside the matter; readable on all, or the ink."""
    mixed = tuple(a + (b - a) * 0.3 for a, b in zip(_rgb(ink), _rgb(grounds[0]), strict=True))
    found = _hex((mixed[0], mixed[1], mixed[2]))
    return found if is_readable(found, *grounds) else ink


def line_on(ink: str, ground: str) -> str:
    """The colour of a thin line: the ground, a seventh nearer to its ink."""
    mixed = tuple(b + (a - b) * 0.15 for a, b in zip(_rgb(ink), _rgb(ground), strict=True))
    return _hex((mixed[0], mixed[1], mixed[2]))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, one)) * 255):02x}" for one in rgb)


def _luminance(colour: str) -> float:
    parts = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
