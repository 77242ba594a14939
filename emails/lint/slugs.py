"""From a property, a function, a unit, an element to caniemail's name of the feature; "" where it has none."""

from emails.lint.support import support

FAMILIES = ("margin", "padding", "border", "background", "list-style", "overflow", "font", "outline", "text-decoration")
TOGETHER = {
    **dict.fromkeys(("top", "right", "bottom", "left"), "css-left-right-top-bottom"),
    **dict.fromkeys(("gap", "row-gap", "column-gap"), "css-gap"),
    **dict.fromkeys(("block-size", "inline-size"), "css-block-inline-size"),
    **dict.fromkeys(("margin-inline", "margin-block"), "css-margin-inline-block"),
    **dict.fromkeys(("margin-inline-start", "margin-inline-end"), "css-margin-inline-start-end"),
    **dict.fromkeys(("margin-block-start", "margin-block-end"), "css-margin-block-start-end"),
    **dict.fromkeys(("padding-inline", "padding-block"), "css-padding-inline-block"),
    **dict.fromkeys(("padding-inline-start", "padding-inline-end"), "css-padding-inline-start-end"),
    **dict.fromkeys(("padding-block-start", "padding-block-end"), "css-padding-block-start-end"),
    **dict.fromkeys(("border-inline", "border-block"), "css-border-inline-block"),
    **dict.fromkeys(("columns", "column-width", "column-rule", "column-span"), "css-column-layout-properties"),
}
SILENT = {"font-family", "font-style", "font-variant"}  # shown everywhere, and of another kind than `font`
FUNCTIONS = {
    "calc": "css-unit-calc", "var": "css-variables", "clamp": "css-function-clamp", "min": "css-function-min",
    "max": "css-function-max", "light-dark": "css-function-light-dark", "rgb": "css-rgb", "rgba": "css-rgba",
    "linear-gradient": "css-linear-gradient", "radial-gradient": "css-radial-gradient",
    "conic-gradient": "css-conic-gradient", **dict.fromkeys(("lch", "oklch", "lab", "oklab"), "css-modern-color"),
}  # fmt: skip
WORDS = {
    "initial": "css-unit-initial",
    **dict.fromkeys(("fit-content", "min-content", "max-content"), "css-intrinsic-size"),
    **dict.fromkeys(("system-ui", "ui-serif", "ui-sans-serif", "ui-rounded", "ui-monospace"), "css-sytem-ui"),
}
DISPLAYS = {"flex": "css-display-flex", "grid": "css-display-grid", "none": "css-display-none"}


def known(slug: str) -> str:
    """The name, if the data have it."""
    return slug if slug in support().features else ""


def property_slug(name: str, value: str) -> str:
    """Of a property with this value."""
    if name.startswith("--"):
        return "css-variables"
    if name.startswith(("-", "mso-")) or name in SILENT:
        return ""
    if name == "display":
        return DISPLAYS.get(value, "css-display")
    if name in TOGETHER:
        return TOGETHER[name]
    if name.startswith("grid-template"):
        return "css-grid-template"
    family = next((one for one in FAMILIES if name.startswith(f"{one}-")), "")
    return known(f"css-{name}") or (known(f"css-{family}") if family else "")


def function_slug(name: str) -> str:
    """Of a function in a value."""
    return FUNCTIONS.get(name, "")


def unit_slug(unit: str) -> str:
    """Of a unit."""
    return known(f"css-unit-{'percent' if unit == '%' else unit}")


def word_slug(word: str) -> str:
    """Of a word that stands for a value."""
    return WORDS.get(word, "")
