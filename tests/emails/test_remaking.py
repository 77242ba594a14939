"""Pictures made anew: they look the same, carry nothing else, and what harms is refused in words that help."""

import zlib
from contextlib import suppress

import pytest
from PIL import Image, ImageCms

from emails.remaking import MOST_BYTES, MOST_FRAMES, WIDEST, BadPictureError, remake_picture
from tests.emails.drawings import drawn, grey_of_16_bits, moving, opened, photographed, png_bomb, saved

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'
)


def pixel(data: bytes, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    return opened(data).convert("RGBA").getpixel(at)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (drawn("PNG"), "image/png"),
        (drawn("JPEG"), "image/jpeg"),
        (drawn("GIF"), "image/png"),
        (drawn("WEBP", lossless=True), "image/png"),
        (drawn("WEBP", mode="RGBA", lossless=True), "image/png"),
        (drawn("AVIF"), "image/png"),
    ],
)
def test_what_a_browser_shows_becomes_what_every_mail_client_shows(given, kind):
    made = remake_picture(given)

    assert (made.content_type, made.width, made.height) == (kind, 40, 20)
    assert all(abs(a - b) < 12 for a, b in zip(pixel(made.data), (10, 92, 64, 255), strict=True))


def test_the_same_bytes_give_the_same_bytes():
    assert remake_picture(drawn()).data == remake_picture(drawn()).data


def test_a_photograph_loses_where_and_by_whom_it_was_taken_and_stands_upright():
    given = photographed(orientation=6)
    assert opened(given).getexif().get_ifd(0x8825)

    made = remake_picture(given)

    assert (made.width, made.height) == (20, 40)
    assert not opened(made.data).getexif()
    assert not opened(made.data).info.keys() & {"exif", "comment", "icc_profile", "xmp", "photoshop"}
    assert b"Greta" not in made.data
    assert b"Exif" not in made.data
    assert b"taken at home" not in made.data


def test_a_wide_picture_is_twice_the_width_of_an_email_and_a_small_one_stays():
    assert [(one.width, one.height) for one in (remake_picture(drawn(size=(2400, 600))), remake_picture(drawn()))] == [
        (WIDEST, 300),
        (40, 20),
    ]


def test_a_large_photograph_is_decoded_no_larger_than_needed():
    made = remake_picture(drawn("JPEG", size=(5000, 4000)))

    assert (made.width, made.height, made.content_type) == (1200, 960, "image/jpeg")


def test_what_shines_through_keeps_shining():
    palette = opened(drawn("PNG", mode="RGBA")).quantize(8)
    grey = Image.new("LA", (4, 4), (80, 0))

    for given in (drawn("PNG", mode="RGBA"), saved(palette, "PNG"), drawn("GIF", mode="RGBA"), saved(grey, "PNG")):
        made = remake_picture(given)
        assert made.content_type == "image/png"
        assert pixel(made.data, (made.width - 1, 0))[3] == 0


def test_an_alpha_channel_that_is_full_everywhere_is_none():
    assert opened(remake_picture(saved(Image.new("RGBA", (9, 9), (1, 2, 3, 255)), "PNG")).data).mode == "RGB"


def test_a_photograph_kept_as_png_becomes_a_jpeg_and_a_drawing_stays_sharp():
    noise = Image.effect_noise((900, 600), 60).convert("RGB")

    assert remake_picture(saved(noise, "PNG")).content_type == "image/jpeg"
    assert remake_picture(drawn("PNG", size=(900, 600))).content_type == "image/png"


def test_a_jpeg_for_print_shows_its_colours_on_screens():
    made = remake_picture(drawn("JPEG", mode="CMYK", quality=95))

    assert opened(made.data).mode == "RGB"
    red, green, blue, _full = pixel(made.data, (2, 2))
    assert green > red + 30
    assert blue > red


def test_sixteen_bits_of_grey_are_eight():
    made = remake_picture(grey_of_16_bits())

    assert [pixel(made.data, (at, 0))[0] for at in range(3)] == [0, 128, 255]


def test_colours_of_another_profile_are_carried_over():
    lab_like = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile = saved(opened(drawn()), "PNG", icc_profile=lab_like)
    with_nonsense = saved(opened(drawn()), "PNG", icc_profile=b"no profile")

    assert [pixel(remake_picture(one).data) for one in (with_profile, with_nonsense)] == [(10, 92, 64, 255)] * 2
    assert "icc_profile" not in opened(remake_picture(with_profile).data).info


def test_a_gif_that_moves_keeps_moving_at_its_pace():
    made = remake_picture(moving(4))
    kept = opened(made.data)

    assert (made.content_type, kept.n_frames, kept.info["loop"]) == ("image/gif", 4, 0)
    pauses = []
    for number in range(4):
        kept.seek(number)
        pauses.append(kept.info["duration"])
    assert pauses == [100, 110, 120, 130]


def test_a_gif_that_moves_and_shines_through_does_both():
    frames = [Image.new("RGBA", (6, 6), (0, 0, 0, 0)) for _number in range(2)]
    frames[0].putpixel((0, 0), (255, 0, 0, 255))
    frames[1].putpixel((5, 5), (0, 0, 255, 255))
    given = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2)

    kept = opened(remake_picture(given).data)
    kept.seek(1)

    assert [kept.convert("RGBA").getpixel(at)[3] for at in ((0, 0), (5, 5))] == [0, 255]


def test_a_wide_gif_is_made_narrower_and_still_moves():
    made = remake_picture(moving(3, size=(1500, 20)))

    assert (made.width, made.height, opened(made.data).n_frames) == (1200, 16, 3)


def test_a_file_that_is_two_things_comes_out_as_one():
    """A picture with a page, a program or an archive behind its end, or in a comment of its own."""
    tail = b"<script>alert(1)</script><?php system('id') ?>PK\x03\x04"
    for given in (drawn("PNG") + tail, drawn("JPEG") + tail, drawn("GIF", comment=tail) + tail):
        made = remake_picture(given)
        assert b"script" not in made.data
        assert b"PK\x03\x04" not in made.data


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "empty"),
        (b"GIF89a", "cannot be read to its end"),
        (drawn("PNG")[:-30], "cannot be read to its end"),
        (drawn("JPEG", size=(400, 400))[:500], "cannot be read to its end"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "cannot be read to its end"),
        (SVG, "Export it as PNG"),
        (b"  \n<svg/>", "Export it as PNG"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "Save it as JPEG"),
        (b"%PDF-1.7", "PNG, JPEG, GIF, WebP and AVIF"),
        (b"<html><body>no</body></html>", "PNG, JPEG, GIF, WebP and AVIF"),
        (b"BM" + bytes(80), "PNG, JPEG, GIF, WebP and AVIF"),
        (png_bomb(), "million pixels"),
        (png_bomb(5_500), "million pixels"),
        (bytes(MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(given, says):
    with pytest.raises(BadPictureError) as refused:
        remake_picture(given)

    assert says in str(refused.value)


@pytest.mark.parametrize("frames", [MOST_FRAMES + 1, 5_000])
def test_a_gif_of_thousands_of_frames_is_refused(frames):
    with pytest.raises(BadPictureError, match="200 frames"):
        remake_picture(moving(frames, size=(2, 2)))


def test_a_gif_that_would_be_too_large_is_made_half_as_wide():
    made = remake_picture(moving(30, size=(1200, 1200)))

    assert (made.width, made.height, opened(made.data).n_frames) == (600, 600, 30)


def test_a_gif_of_huge_frames_that_weighs_nothing_is_refused_before_they_are_all_decoded():
    frames = [Image.new("P", (3000, 3000)) for _number in range(18)]
    for number, one in enumerate(frames):
        one.putpixel((number, 0), 1)
    given = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert len(given) < 100_000
    with pytest.raises(BadPictureError, match="moves too long"):
        remake_picture(given)


def test_words_hidden_in_a_png_stay_behind():
    words = b"tEXtk\0" + b"secret " * 200_000
    chunk = len(words[4:]).to_bytes(4) + words + zlib.crc32(words).to_bytes(4)

    assert b"secret" not in remake_picture(drawn()[:33] + chunk + drawn()[33:]).data


def test_every_cut_of_a_picture_is_a_picture_or_a_sentence():
    for name in ("PNG", "JPEG", "GIF", "WEBP"):
        given = drawn(name, size=(16, 16))
        for until in range(0, len(given), max(1, len(given) // 25)):
            made = None
            with suppress(BadPictureError):
                made = remake_picture(given[:until])
            assert made is None or opened(made.data).size == (16, 16)
