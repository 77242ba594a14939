"""The demo's look: the kit of Kettle & Co, its logo, its pictures."""

from pathlib import Path

from django.conf import settings

from emails.branding import save_kit
from emails.models import BrandKit, Picture
from emails.uploading import keep_picture
from workspaces.models import User, Workspace

FOLDER = Path(settings.BASE_DIR) / "backstage" / "demo" / "pictures"
PICTURES = {
    "leaves": "A twig of tea with five leaves",
    "table": "A tea table from above: a pot and three bowls",
    "tin": "A green tin of tea with a leaf on its label",
    "cup": "A cup of dark tea, steaming",
    "teapot": "A copper teapot and a green bowl on a shelf",
}
KIT = {
    "ink": "#17251d",
    "accent": "#a1532e",
    "paper": "#fdfaf4",
    "soft": "#f3eee3",
    "around": "#e5ece2",
    "heading_font": BrandKit.Font.GEORGIA,
    "text_font": BrandKit.Font.VERDANA,
    "corner": 4,
    "foot_note": "Open Tuesday to Saturday, 11 to 18. Tastings on the first Thursday of the month.",
    "social": [
        {"name": "Mastodon", "url": "https://mastodon.example/@kettle"},
        {"name": "Instagram", "url": "https://instagram.example/kettle"},
        {"name": "Journal", "url": "https://kettle.example/journal"},
    ],
}
OTHERS_ACCENT = "#1f5f8b"


def make_brand(workspace: Workspace, owner: User) -> None:
    """Kettle & Co has a kit with all in it; the other brand only a colour, so that it can be seen what that comes to."""
    if workspace.slug != "kettle":
        save_kit(BrandKit(accent=OTHERS_ACCENT), by=owner)
        return
    for name, alt in PICTURES.items():
        _keep(name, alt, owner)
    logo, dark = (_keep(name, workspace.name, owner) for name in ("logo", "logo-dark"))
    save_kit(BrandKit(**KIT, logo=logo, dark_logo=dark), by=owner)


def _keep(name: str, alt: str, owner: User) -> Picture:
    return keep_picture((FOLDER / f"{name}.png").read_bytes(), name=f"{name}.png", alt=alt, by_id=owner.pk)
