"""Pictures for tests, drawn when they are asked for; hostile ones among them."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw


def drawn(name: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with a left half of another colour than its right."""
    colours = {"RGB": ((10, 92, 64), (253, 250, 244)), "RGBA": ((10, 92, 64, 255), (0, 0, 0, 0)), "L": (20, 230)}
    left, right = colours.get(mode, colours["RGB"])
    picture = Image.new(mode if mode in colours else "RGB", size, right)
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill=left)
    return saved(picture if mode in colours else picture.convert(mode), name, **options)


def saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    """The bytes of a picture in a format."""
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture in these bytes, decoded."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def moving(frames: int = 3, size: tuple[int, int] = (8, 8), **options: Any) -> bytes:
    """A GIF of so many frames, each of another colour."""
    pictures = [Image.new("RGB", size, (number % 256, number // 256 % 256, 90)) for number in range(frames)]
    given = {"duration": [100 + 10 * (number % 5) for number in range(frames)], "loop": 0} | options
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:], **given)


def photographed(orientation: int = 6) -> bytes:
    """A JPEG that lies on its side, with the place where it was taken."""
    picture = opened(drawn("PNG"))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Greta's phone"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 20.0, 22.0), 3: "E", 4: (12.0, 22.0, 23.0)})
    return saved(picture, "JPEG", exif=exif, quality=95, comment=b"taken at home")


def png_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kB that claims `side` times `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side // 8 + 1) * 200, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def grey_of_16_bits() -> bytes:
    """A PNG of sixteen bits of grey: black, half, white."""
    picture = Image.new("I;16", (3, 1))
    for at, value in enumerate((0, 32768, 65535)):
        picture.putpixel((at, 0), value)
    return saved(picture, "PNG")
