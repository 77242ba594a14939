"""`/brand-kit`: how the brand's emails look."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from emails.branding import (
    COLOURS,
    LONGEST_FOOT,
    LONGEST_NAME,
    LONGEST_URL,
    MOST_CORNER,
    MOST_SOCIAL,
    BadKitError,
    colour_in,
    save_kit,
)
from emails.kits import current_kit
from emails.models import BrandKit
from workspaces.api.door import scope
from workspaces.api.pages import Id, Taken
from workspaces.api.problems import Problem

router = Router()
FontName = StrEnum("FontName", dict(zip(BrandKit.Font.names, BrandKit.Font.values, strict=True)))  # type: ignore[misc]
type Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#0a5c40"])]
PLAIN = (*COLOURS, "heading_font", "text_font", "corner", "foot_note", "social")


class SocialLink(Taken):
    """Where else the brand is."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    url: str = Field(min_length=1, max_length=LONGEST_URL, description="Begins with https:// or http://.")


class KitShape(Schema):
    """The look of every email. Where two colours cannot be read on each other, emails move one until they can."""

    ink: str = Field(description="Headings and text.")
    accent: str = Field(description="Buttons and links.")
    paper: str = Field(description="Under the words.")
    soft: str = Field(description="Under cards and the foot.")
    around: str = Field(description="Left and right of the email.")
    heading_font: FontName
    text_font: FontName
    corner: int = Field(description="Of buttons and cards, in pixels.")
    foot_note: str
    social: list[SocialLink]
    logo: int | None = Field(description="A picture’s id.")
    dark_logo: int | None = Field(description="A picture’s id.")
    changed_at: datetime | None = Field(description="Null: the usual look, of which nothing was chosen.")


class Kit(Taken):
    """A whole kit; what is left out is as usual."""

    ink: Colour = "#17211d"
    accent: Colour = "#0a5c40"
    paper: Colour = "#ffffff"
    soft: Colour = "#f2f5f3"
    around: Colour = "#f4f6f5"
    heading_font: FontName = FontName.SYSTEM  # type: ignore[attr-defined]
    text_font: FontName = FontName.SYSTEM  # type: ignore[attr-defined]
    corner: int = Field(4, ge=0, le=MOST_CORNER)
    foot_note: str = Field("", max_length=LONGEST_FOOT)
    social: list[SocialLink] = Field([], max_length=MOST_SOCIAL)
    logo: Id | None = None
    dark_logo: Id | None = None


@router.get("/brand-kit", response=KitShape, summary="How emails look")
@scope("brand:read")
def get_brand_kit(request: HttpRequest) -> dict[str, Any]:
    """The kit, or the usual look in the brand's colour."""
    return _shape(current_kit())


@router.put("/brand-kit", response=KitShape, summary="Change how emails look")
@scope("brand:write")
def put_brand_kit(request: HttpRequest, said: Kit) -> dict[str, Any]:
    """Drafts take on the new look, what is approved or sent keeps its own. May be repeated."""
    facts: dict[str, Any] = said.model_dump(exclude={"logo", "dark_logo"})
    facts |= {name: colour_in(facts[name]) for name in COLOURS}
    facts |= {name: str(facts[name]) for name in ("heading_font", "text_font")}
    try:
        return _shape(save_kit(BrandKit(logo_id=said.logo, dark_logo_id=said.dark_logo, **facts), by=None))
    except BadKitError as error:
        errors = [(f"body.{flaw.field}", flaw.text) for flaw in error.flaws]
        raise Problem(422, str(error), errors=errors) from error


def _shape(kit: BrandKit) -> dict[str, Any]:
    ids = {"logo": kit.logo_id, "dark_logo": kit.dark_logo_id}
    changed_at = kit.changed_at if kit.pk else None
    return {name: getattr(kit, name) for name in PLAIN} | ids | {"changed_at": changed_at}
