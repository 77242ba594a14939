"""A picture is measured before it is decoded."""

import io
import struct
import zlib

import pytest
from PIL import Image

from lib.pictures import BadPictureError, to_small_png


def picture(width, height, kind="PNG", mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, (width, height), "red" if mode == "RGB" else 0).save(out, kind)
    return out.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def claimed(width, height):
    """The head of a PNG of this size, and no pixels worth the name."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(13_300, 13_300), (4_001, 4_000), (200_000, 200_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_head(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("a pixel was decoded"))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda *_: pytest.fail("a pixel was decoded"))

    with pytest.raises(BadPictureError) as error:
        to_small_png(claimed(*size), 256)

    assert error.value.is_too_large


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (600, 300), (3000, 10)])
def test_a_picture_becomes_a_small_png(kind, size):
    with Image.open(io.BytesIO(to_small_png(picture(*size, kind), 256))) as made:
        assert (made.format, made.mode, max(made.size) <= 256) == ("PNG", "RGBA", True)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"GIF89a", picture(9, 9)[:40], claimed(10, 10), b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8X"],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BadPictureError) as error:
        to_small_png(data, 256)

    assert not error.value.is_too_large
