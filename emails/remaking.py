"""A picture made anew for emails: what was uploaded is only read, and nothing but its pixels comes out.

Gone with the old bytes are EXIF and its places, colour profiles (after their colours were carried over to sRGB), names,
and whatever else was tucked into the file. Outlook shows neither WebP nor AVIF, so that they become PNG or JPEG.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
MOST_BYTES = 10_000_000
MOST_PIXELS = 25_000_000  # decoded they are 100 MB; a file of 70 kB can claim 177 million
WIDEST, TALLEST = 1200, 4800  # an email shows 600 wide; twice that is sharp on every screen
MOST_FRAMES = 200
MOST_MOVING_PIXELS = 40_000_000  # of all frames together, as they are kept: 120 MB while they are made
MOST_DECODED_PIXELS = 150_000_000  # and as they come: a GIF of 4 MB can hold 200 frames of 25 million pixels
MOST_KEPT_BYTES = 3_000_000
HEAVY_PNG = 200_000  # a photograph as PNG is heavier; one without transparent parts may be a JPEG
QUALITY = 84
HEIC = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, ImageCms.PyCMSError)
Size = tuple[int, int]


class BadPictureError(ValueError):
    """A picture that is not kept; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Remade:
    """The new file: its bytes, its kind ("image/png", "image/jpeg", "image/gif"), its pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


def remake_picture(data: bytes) -> Remade:
    """A picture of the same look, upright, in sRGB, at most 1,200 wide and 4,800 high. BadPictureError.

    The same bytes give the same bytes. A moving GIF keeps moving; of other formats that move the first frame is taken.
    """
    _check_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of pixels from half its own limit on, and of odd EXIF
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                _check_pixels(picture.width * picture.height)
                return _moving(picture) if _moves(picture) else _still(picture)
        except BadPictureError:
            raise
        except Image.DecompressionBombError as error:
            raise _too_many_pixels() from error
        except BROKEN as error:
            raise BadPictureError(
                _("This picture cannot be read to its end. Open it, save it anew as PNG or JPEG, and try again.")
            ) from error


def _check_bytes(data: bytes) -> None:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        raise BadPictureError(_("This file is empty. Choose another one."))
    if len(data) > MOST_BYTES:
        raise BadPictureError(
            _("This file is larger than 10 MB. Save the picture smaller: 1,200 pixels wide is enough.")
        )
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head:
        raise BadPictureError(_("Mail clients show no SVG. Export it as PNG, 1,200 pixels wide, and upload that."))
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        raise BadPictureError(_("This is HEIC, the format of iPhones, which few programs read. Save it as JPEG first."))
    if not _is_picture(data):
        raise BadPictureError(_("This is no picture that we read. PNG, JPEG, GIF, WebP and AVIF work."))


def _is_picture(data: bytes) -> bool:
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(starts) or is_webp or (data[4:8] == b"ftyp" and data[8:12] in {b"avif", b"avis"})


def _check_pixels(count: int) -> None:
    if count > MOST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> BadPictureError:
    millions = {"n": MOST_PIXELS // 1_000_000}
    return BadPictureError(
        _("This picture has more than %(n)d million pixels. Save it smaller: 1,200 pixels wide is enough.") % millions
    )


def _moves(picture: Image.Image) -> bool:
    return picture.format == "GIF" and bool(getattr(picture, "is_animated", False))


def _still(picture: Image.Image) -> Remade:
    if picture.format in {"JPEG", "MPO"}:
        picture.draft(None, (WIDEST, TALLEST))  # decodes an eighth of a photograph where that is enough
    made = _plain(_upright(picture))
    made.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    data, kind = _written(made, is_photo=picture.format in {"JPEG", "MPO"})
    if len(data) > MOST_KEPT_BYTES:
        raise BadPictureError(_("Made ready for emails it still has more than 3 MB. Save it smaller or as JPEG."))
    return Remade(data, f"image/{kind}", *made.size)


def _written(made: Image.Image, *, is_photo: bool) -> tuple[bytes, str]:
    """Its bytes, and the name of their kind."""
    has_holes = _has_holes(made)
    if is_photo and not has_holes:
        return _as_jpeg(made), "jpeg"
    out = io.BytesIO()
    (made if has_holes else made.convert("RGB")).save(out, "PNG", optimize=True)
    png = out.getvalue()
    if has_holes or len(png) <= HEAVY_PNG:
        return png, "png"
    jpeg = _as_jpeg(made)
    return (jpeg, "jpeg") if len(jpeg) < len(png) / 2 else (png, "png")


def _as_jpeg(made: Image.Image) -> bytes:
    out = io.BytesIO()
    made.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says; EXIF that cannot be read turns nothing."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture.copy()


def _plain(picture: Image.Image) -> Image.Image:
    """RGB, or RGBA where something shines through, in sRGB."""
    profile, mode = picture.info.get("icc_profile"), picture.mode
    if mode.startswith("I") or mode == "F":
        return _from_16_bits(picture)
    has_alpha = picture.has_transparency_data
    target = "RGBA" if has_alpha else "RGB"
    if profile and mode in {"RGB", "RGBA", "CMYK", "L"}:
        picture = _in_srgb(picture, profile, target if mode != "L" else "RGB")
    made = picture if picture.mode == target else picture.convert(target)
    made.info = {}
    return made


def _from_16_bits(picture: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight: the upper half of each."""
    if picture.mode == "F":
        raise BadPictureError(_("This is no picture that we read. PNG, JPEG, GIF, WebP and AVIF work."))
    return picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L").convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """Its colours as sRGB says them: mail clients take every picture for sRGB. A profile that says nothing is left out."""
    try:
        own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        turned = ImageCms.profileToProfile(picture, own, srgb, outputMode="RGB" if mode == "RGB" else picture.mode)
    except BROKEN:
        return picture
    return turned if turned is not None else picture


def _has_holes(picture: Image.Image) -> bool:
    """Whether anything shines through at all: an alpha channel that is full everywhere is none."""
    if picture.mode != "RGBA":
        return False
    return picture.getchannel("A").histogram()[255] < picture.width * picture.height


def _moving(picture: Image.Image) -> Remade:
    """A GIF that moves, with its pauses and its rounds, frame by frame; half as wide where it would be too large."""
    for width, height in dict.fromkeys(_fitted(picture.size, widest) for widest in (WIDEST, WIDEST // 2)):
        frames, pauses = [], []
        for number, frame in enumerate(_frames(picture), 1):
            if number * width * height > MOST_MOVING_PIXELS:
                break
            pauses.append(min(60_000, max(20, int(frame.info.get("duration") or 100))))
            frames.append(_plain_frame(frame, (width, height)))
        else:
            data = _saved_gif(frames, pauses, picture.info.get("loop"))
            if len(data) <= MOST_KEPT_BYTES:
                return Remade(data, "image/gif", width, height)
    raise _moves_too_much()


def _plain_frame(frame: Image.Image, size: Size) -> Image.Image:
    plain = frame.convert("RGBA" if frame.has_transparency_data else "RGB")
    return plain if plain.size == size else plain.resize(size, Image.Resampling.LANCZOS)


def _saved_gif(frames: list[Image.Image], pauses: list[int], loop: object) -> bytes:
    options: dict[str, object] = {"save_all": True, "duration": pauses, "optimize": True}
    if any(one.mode == "RGBA" for one in frames):
        frames = [one.convert("RGBA") for one in frames]
        options["disposal"] = 2  # or what shines through in one frame would show the one before
    if isinstance(loop, int):
        options["loop"] = min(65_535, max(0, loop))
    out = io.BytesIO()
    frames[0].save(out, "GIF", append_images=frames[1:], **options)
    return out.getvalue()


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    """Its frames, each whole; no more are decoded than could be kept."""
    for number in range(MOST_FRAMES + 1):
        try:
            picture.seek(number)
        except EOFError:
            return
        if number == MOST_FRAMES or (number + 1) * picture.width * picture.height > MOST_DECODED_PIXELS:
            raise _moves_too_much()
        yield picture


def _moves_too_much() -> BadPictureError:
    return BadPictureError(
        _("This GIF moves too long or is too large. Keep it to 200 frames and 3 MB; 600 pixels wide is enough.")
    )


def _fitted(size: Size, widest: int) -> Size:
    width, height = size
    share = min(1.0, widest / width, TALLEST / height)
    return max(1, round(width * share)), max(1, round(height * share))
