"""Which features of HTML are used: elements, attributes, kinds of pictures."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emails.lint.pages import Element, Page
from emails.lint.slugs import known
from emails.lint.uses import Use

SEMANTIC = {
    "article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section", "summary",
    "time",
}  # fmt: skip
TOGETHER = {
    **dict.fromkeys(SEMANTIC, "html-semantics"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "dl"), "html-lists"),
}
ATTRIBUTES = {
    "srcset": "html-srcset",
    "sizes": "html-srcset",
    "usemap": "html-image-maps",
    "loading": "html-loading-attribute",
}
PICTURES = {
    "jpg": "image-jpg", "jpeg": "image-jpg", "png": "image-png", "gif": "image-gif", "webp": "image-webp",
    "avif": "image-avif", "svg": "image-svg", "bmp": "image-bmp", "ico": "image-ico", "tif": "image-tiff",
    "tiff": "image-tiff", "heic": "image-heif", "heif": "image-heif", "apng": "image-apng", "mp4": "image-mp4",
    "webm": "image-mp4",
}  # fmt: skip
HAS_KINDS = {"input": "text", "button": "submit"}
SHOWN_AS_TEXT = {"button", "date", "email", "number", "search", "tel", "url", "password"}


def html_uses(page: Page) -> Iterator[Use]:
    """Every use, in the order of the page."""
    if page.doctype:
        yield Use("html-doctype")
    for element in page.elements:
        for slug, value in _found(element):
            if slug:
                yield Use(
                    slug, value, element.tag, element.block, has_twin=element.has_twin, word_sees=element.word_sees
                )


def _found(element: Element) -> Iterator[tuple[str, str]]:
    tag, given = element.tag, element.attributes
    yield _element_slug(tag, given), ""
    for name, value in given.items():
        yield ATTRIBUTES.get(name) or _attribute_slug(name), value
    if tag == "a":
        href = given.get("href", "").strip().lower()
        yield "html-anchor-links" if href.startswith("#") and len(href) > 1 else "", href
        yield "html-mailto-links" if href.startswith("mailto:") else "", href
    if tag == "img":
        yield picture_slug(given.get("src", "")), given.get("src", "")[:80]


def _element_slug(tag: str, given: dict[str, str]) -> str:
    if tag in TOGETHER:
        return TOGETHER[tag]
    if tag in HAS_KINDS:
        kind = given.get("type", "").lower() or HAS_KINDS[tag]
        return known(f"html-{tag}-{kind}") or known(f"html-{tag}-{'text' if kind in SHOWN_AS_TEXT else 'submit'}")
    if tag == "link":
        return "html-link" if "stylesheet" in given.get("rel", "").lower() else ""
    if tag == "meta":
        return "html-meta-color-scheme" if given.get("name", "").lower() == "color-scheme" else ""
    return known(f"html-{tag}") if tag != "style" else ""  # css_uses.py tells of those


def _attribute_slug(name: str) -> str:
    """Some elements have the name of an attribute: <title>, <object>, <span>; those are not meant."""
    return known(f"html-{name}") if name.startswith("aria-") or name in PLAIN else ""


PLAIN = {
    "align", "background", "cellpadding", "cellspacing", "dir", "height", "hidden", "lang", "popover", "required", "role",
    "target", "valign", "width",
}  # fmt: skip


def picture_slug(address: str) -> str:
    """The kind of a picture, by its address; "" when the address does not tell."""
    text = address.strip().lower()
    if text.startswith("data:"):
        return "image-base64"
    try:
        path = urlsplit(text).path
    except ValueError:
        return ""
    return PICTURES.get(path.rpartition(".")[2], "")
