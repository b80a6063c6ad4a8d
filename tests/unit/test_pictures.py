"""Pictures for letters: cut around what they show, small, without what a camera wrote, and never at any price."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from digest.pictures.focus import focal_box
from digest.pictures.making import PictureError, Place, make_picture

LEAD = Place(600, 338, 120 * 1024)
SQUARE = Place(88, 88, 24 * 1024)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def a_picture(width: int, height: int, *, thing_at: tuple[int, int] | None = None, mode: str = "RGB") -> Image.Image:
    """A smooth sky with one detailed thing in it."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    if thing_at is not None:
        x, y = thing_at
        for step in range(0, 120, 6):
            draw.rectangle((x - 60 + step, y - 60, x - 58 + step, y + 60), fill="black")
    return picture.convert(mode)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
    ids=lambda value: value.replace(";", ""),
)
def test_every_kind_becomes_a_plain_jpeg_of_twice_its_place(kind: str, mode: str) -> None:
    picture = a_picture(1600, 1200, thing_at=(800, 500))
    source = picture.convert("I").convert("I;16") if mode == "I;16" else picture.convert(mode)
    made = make_picture(encoded(source, kind), LEAD)
    shown = opened(made.data)
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (1200, 676))
    assert (made.width, made.height) == shown.size
    assert len(made.data) <= LEAD.max_bytes
    assert shown.info.get("progressive")
    tones = shown.convert("L").tobytes()
    assert max(tones) - min(tones) > 100  # not all white, not all black


def test_it_is_cut_around_what_there_is_to_see() -> None:
    left, _, right, _ = focal_box(a_picture(2000, 800, thing_at=(1700, 400)), 1.0)
    assert left <= 1640
    assert right >= 1760
    _, top, _, bottom = focal_box(a_picture(800, 2000, thing_at=(400, 1700)), 16 / 9)
    assert top <= 1640
    assert bottom >= 1760
    blank = Image.new("RGB", (1000, 1000), "grey")
    assert focal_box(blank, 2.0) == (0, 175, 1000, 675)
    assert focal_box(blank, 0.5) == (250, 0, 750, 1000)


def test_it_is_never_enlarged_and_what_is_too_small_is_refused() -> None:
    made = make_picture(encoded(a_picture(800, 450), "PNG"), LEAD)
    assert (made.width, made.height) == (799, 450)  # the place's own proportions
    with pytest.raises(PictureError, match="has 400 × 225 pixels, too few for 600 × 338"):
        make_picture(encoded(a_picture(400, 225), "PNG"), LEAD)


def test_a_busy_picture_is_compressed_until_it_fits() -> None:
    busy = Image.effect_noise((1600, 900), 90).convert("RGB")
    made = make_picture(encoded(busy, "PNG"), LEAD)
    assert len(made.data) <= LEAD.max_bytes
    assert made.width < 1200


def test_what_a_camera_wrote_is_gone_and_its_turn_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "at home"
    data = encoded(a_picture(900, 1600), "JPEG", exif=exif)
    made = make_picture(data, LEAD)
    assert made.width > made.height
    assert b"at home" not in made.data
    assert not opened(made.data).getexif()


def test_what_is_transparent_shows_paper() -> None:
    clear = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    assert opened(make_picture(encoded(clear, "PNG"), SQUARE).data).getpixel((88, 88)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture"),
        (b"<html><body>404</body></html>", "is no picture"),
        (b"GIF89a", "is "),
        (encoded(a_picture(900, 600), "JPEG")[:3000], "is broken"),
        (encoded(a_picture(900, 600), "PNG")[:-900], "is broken"),
        (encoded(a_picture(900, 600), "BMP"), "is no picture of a known kind"),
    ],
    ids=["nothing", "svg", "page", "stub", "cut-jpeg", "cut-png", "bmp"],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        make_picture(data, SQUARE)


def test_a_picture_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(PictureError, match=r"no picture of a known kind|more than can be unpacked"):
        make_picture(bomb, SQUARE)
