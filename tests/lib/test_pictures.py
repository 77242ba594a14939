"""A picture is measured before it is decoded."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib.pictures import BadPictureError, make_thumbnail, pixels_in, to_small_png


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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize(("size", "small"), [((1, 1), (1, 1)), ((640, 320), (320, 160)), ((100, 4000), (8, 320))])
def test_a_picture_of_a_stranger_has_a_small_one(kind, size, small):
    made = make_thumbnail(picture(*size, kind))

    with Image.open(io.BytesIO(made.data)) as read:
        assert (read.size, (made.width, made.height), read.format) == (small, small, "JPEG")
        assert read.convert("RGB").getpixel((0, 0))[0] > 200


def test_a_small_picture_is_small_whatever_it_shows():
    out = io.BytesIO()
    Image.effect_noise((640, 640), 120).convert("RGB").save(out, "PNG")

    assert len(make_thumbnail(out.getvalue()).data) <= 40_000


def test_what_shines_through_shines_through_the_small_one():
    out = io.BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 255, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(make_thumbnail(out.getvalue()).data)) as read:
        assert (read.format, read.getpixel((5, 5))[3]) == ("PNG", 0)


@pytest.mark.parametrize("way", range(1, 9))
def test_a_small_picture_stands_upright_and_says_nothing_of_where_it_was_taken(way):
    upright = Image.new("RGB", (64, 32), "black")
    upright.paste("red", (0, 0, 16, 16))
    undo = {5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM}  # fmt: skip
    held = upright.transpose(undo[way]) if way in undo else upright
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F], exif[0x8825] = way, "CameraOfTom", {2: (52.0, 31.0, 0.0)}
    held.save(out, "JPEG", exif=exif, quality=95)
    assert b"CameraOfTom" in out.getvalue()

    made = make_thumbnail(out.getvalue())

    with Image.open(io.BytesIO(made.data)) as read:
        assert (read.size, dict(read.getexif())) == ((64, 32), {})
        assert read.convert("RGB").getpixel((4, 4))[0] > 150
        assert read.convert("RGB").getpixel((60, 28))[0] < 100
    assert b"CameraOfTom" not in made.data


def test_a_bomb_has_no_small_picture_and_is_known_by_its_head(monkeypatch):
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda *_: pytest.fail("a pixel was decoded"))
    assert make_thumbnail(claimed(5_001, 5_000)) is None
    assert pixels_in(claimed(5_001, 5_000)) == 25_005_000
    assert make_thumbnail(claimed(2**31 - 1, 2**31 - 1)) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"%PDF-1.7", b"GIF89a", picture(9, 9)[:40], picture(900, 900, "JPEG")[:900], claimed(10, 10),
     picture(9, 9, "TIFF"), picture(9, 9, "BMP"), picture(9, 9, "ICO"), picture(9, 9, "PPM"), picture(9, 9, "EPS")],
)  # fmt: skip
def test_what_is_no_picture_of_four_kinds_has_no_small_one(data):
    assert make_thumbnail(data) is None


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    bent=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_bent_bytes_never_break_anything(kind, bent):
    data = bytearray(picture(24, 16, kind))
    for place, value in bent:
        data[place % len(data)] = value
    made = make_thumbnail(bytes(data))
    assert made is None or len(made.data) <= 40_000
