"""Pictures that somebody uploads: measured before they are decoded, and made anew."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 16_000_000  # decoded they are 64 MB; a file of 70 kB can claim 177 million
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)


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
