"""Pictures that somebody uploads: measured before they are decoded, and made anew."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
QUALITIES = (88, 80, 72, 64, 56, 48, 40)  # each also a fifth smaller than the one before
MOST_PIXELS = 16_000_000  # decoded they are 64 MB; a file of 70 kB can claim 177 million
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)
SMALL_FORMATS = (*FORMATS, "GIF")
SMALL_SIDE, MOST_SMALL_BYTES = 320, 40_000  # shown half as wide: sharp on every screen
MOST_READ_PIXELS = 25_000_000  # a telephone's photograph has 12 or 24 million; decoded they are 100 MB
# what else a decoder raises over bytes that somebody bent
BENT = (
    *BROKEN,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadPictureError(ValueError):
    """No picture that we read. `is_too_large`: it has more pixels than we decode."""

    def __init__(self, *, is_too_large: bool = False) -> None:
        super().__init__("too many pixels" if is_too_large else "no picture")
        self.is_too_large = is_too_large


def to_small_png(data: bytes, side: int) -> bytes:
    """The picture as a PNG of at most `side` pixels, made anew so that nothing but pixels comes in. BadPictureError.

    Its size is read from its head, and judged before a pixel is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise BadPictureError(is_too_large=True)
                picture.thumbnail((side, side))
                out = io.BytesIO()
                picture.convert("RGBA").save(out, "PNG", optimize=True)
        except BadPictureError:
            raise
        except Image.DecompressionBombError as error:
            raise BadPictureError(is_too_large=True) from error
        except BROKEN as error:
            raise BadPictureError from error
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Remade:
    """A picture made anew: nothing but its pixels, upright. Width and height in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


def remake(data: bytes, side: int, most_bytes: int) -> Remade:
    """The picture anew, at most `side` pixels wide and high and `most_bytes` large. BadPictureError.

    Where it was taken and by what (EXIF) stays behind, but for the way it is held. One with transparency stays a PNG as
    long as it is small enough; a moving one stands still.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise BadPictureError(is_too_large=True)
                picture: Image.Image = ImageOps.exif_transpose(opened)
                picture.thumbnail((side, side))
                return _small_enough(picture, most_bytes)
        except BadPictureError:
            raise
        except Image.DecompressionBombError as error:
            raise BadPictureError(is_too_large=True) from error
        except BROKEN as error:
            raise BadPictureError from error


def _small_enough(picture: Image.Image, most_bytes: int) -> Remade:
    if picture.has_transparency_data:
        made = _written(picture.convert("RGBA"), "PNG", optimize=True)
        if len(made.data) <= most_bytes:
            return made
        below = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(below, picture.convert("RGBA"))
    picture = picture.convert("RGB")
    for quality in QUALITIES:
        made = _written(picture, "JPEG", quality=quality, optimize=True)
        if len(made.data) <= most_bytes:
            return made
        picture.thumbnail((picture.width * 4 // 5, picture.height * 4 // 5))
    raise BadPictureError(is_too_large=True)


def _written(picture: Image.Image, kind: str, **options: Any) -> Remade:
    """Only the pixels: what else the file knew stays in `info`, so it is left behind."""
    plain, out = Image.new(picture.mode, picture.size), io.BytesIO()
    plain.paste(picture)
    plain.save(out, kind, **options)
    return Remade(out.getvalue(), f"image/{kind.lower()}", plain.width, plain.height)


def pixels_in(data: bytes) -> int:
    """How many pixels the head of a file claims; 0 where it is no picture of which we make a small one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=SMALL_FORMATS) as opened:
                return opened.width * opened.height
        except BENT:
            return 0


def make_thumbnail(data: bytes) -> Remade | None:
    """A small picture of a stranger's: upright, its first frame, nothing but pixels. None: no picture that we can read.

    Its size is read from its head, and judged before a pixel is decoded.
    """
    if not 0 < pixels_in(data) <= MOST_READ_PIXELS:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd EXIF, and of pixels from half of Pillow's own limit on
        try:
            with Image.open(io.BytesIO(data), formats=SMALL_FORMATS) as opened:
                opened.draft(None, (SMALL_SIDE, SMALL_SIDE))  # decodes an eighth of a photograph where that is enough
                plain = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
                plain.thumbnail((SMALL_SIDE, SMALL_SIDE))
                return _small_enough(_turned(plain, opened), MOST_SMALL_BYTES)
        except BENT:
            return None


def _turned(picture: Image.Image, opened: Image.Image) -> Image.Image:
    """Turned as the EXIF of what was opened says; EXIF that cannot be read turns nothing."""
    try:
        way = TURNS.get(opened.getexif().get(ORIENTATION, 1))
    except BENT:
        return picture
    return picture if way is None else picture.transpose(way)
