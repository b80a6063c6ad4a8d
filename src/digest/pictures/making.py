"""A publisher's picture → a JPEG for its place in a letter: cut, scaled, recompressed.

What comes is other people's bytes: its kind is told by its content, its size is known before it is unpacked, and what
is too large or no picture is refused. What leaves has no metadata: where a photograph was taken is nobody's business.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.pictures.focus import focal_box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Made", "PictureError", "Place", "logo_facts", "make_picture"]

_KINDS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_MOST_PIXELS = 50_000_000
_BEST_QUALITY, _WORST_QUALITY, _STEP = 84, 48, 6
_SCALES = (2.0, 1.5, 1.0)  # of the place; a smaller one only where the best can't be small enough
_PAPER = (255, 255, 255)  # behind what is transparent


class PictureError(DigestError):
    """The picture can't be used in a letter."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands, in CSS pixels; it is made twice as large, for fine screens."""

    width: int
    height: int
    max_bytes: int

    @property
    def ratio(self) -> float:
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Made:
    """A finished JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


def make_picture(data: bytes, place: Place) -> Made:
    """Cut `data` to the proportions of `place` around what it shows, and compress it into that many bytes.

    It is never enlarged; one that is too busy for the bytes comes out smaller, at worst with more bytes. Of a film the
    first picture is taken, of what is transparent the paper shows through.

    Raises:
        PictureError: it is no picture, of no known kind, too large to unpack, or smaller than its place.
    """
    from PIL.Image import Resampling

    picture = _opened(data)
    box = focal_box(picture, place.ratio)
    cut = picture.crop(box)
    if cut.width < place.width or cut.height < place.height:
        raise PictureError(
            f"has {picture.width} × {picture.height} pixels, too few for {place.width} × {place.height}."
        )
    made = Made(b"", 0, 0)
    for scale in _SCALES:
        size = (round(scale * place.width), round(scale * place.height))
        shown = cut.resize(size, resample=Resampling.LANCZOS) if cut.width > size[0] else cut
        made = Made(_compressed(shown, place.max_bytes), shown.width, shown.height)
        if len(made.data) <= place.max_bytes:
            break
    return made


def _opened(data: bytes) -> Image:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=_KINDS)
            if picture.width * picture.height > _MOST_PIXELS:
                raise PictureError(f"has {picture.width} × {picture.height} pixels, more than can be unpacked.")
            picture.draft("RGB", (2400, 2400))  # a large JPEG is unpacked smaller
            picture.load()
            return _plain(ImageOps.exif_transpose(picture) or picture)
    except PictureError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError("is no picture of a known kind: JPEG, PNG, WebP, GIF, AVIF.") from None
    except Exception as error:  # decoders of broken pictures raise whatever they meet
        raise PictureError(f"is broken: {type(error).__name__}: {str(error)[:100]}.") from error


def _plain(picture: Image) -> Image:
    """Return the picture in sRGB without transparency."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        paper = Image.new("RGB", shown.size, _PAPER)
        paper.paste(shown, mask=shown.getchannel("A"))
        return paper
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits and more: to 8, or all of it would be white
        lowest, highest = picture.getextrema()
        span = max(1.0, float(highest) - float(lowest))  # type: ignore[arg-type]  # one channel: two numbers
        start = float(lowest)  # type: ignore[arg-type]
        return picture.point(lambda value: (value - start) * (255 / span)).convert("L").convert("RGB")
    return _in_srgb(picture)


def _in_srgb(picture: Image) -> Image:
    """Return the picture in the colours that mail programs assume; a profile that can't be read is passed over."""
    profile = picture.info.get("icc_profile")
    if profile:
        from PIL import ImageCms

        try:
            there = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            here = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, there, here, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            turned = None
        if turned is not None:
            return turned
    return picture.convert("RGB")


def _compressed(picture: Image, max_bytes: int) -> bytes:
    """Return a JPEG of the best quality that fits; the smallest there is where none does."""
    data = b""
    for quality in range(_BEST_QUALITY, _WORST_QUALITY - 1, -_STEP):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        data = out.getvalue()
        if len(data) <= max_bytes:
            break
    return data


_LOGO_HEIGHT, _LOGO_WIDTH = 40, 280  # CSS pixels of a masthead
_DARK, _LIGHT = 70, 200  # of 255: ink that dark paper swallows, and that light paper does


def logo_facts(data: bytes) -> tuple[int, int]:
    """Return the size in CSS pixels at which a logo stands in a masthead.

    Raises:
        PictureError: it is no picture, too small, no wordmark, or one that light or dark paper would swallow.
    """
    from PIL import Image

    picture = _opened(data)
    scale = min(_LOGO_HEIGHT / picture.height, _LOGO_WIDTH / picture.width)
    if picture.height < _LOGO_HEIGHT:
        raise PictureError(f"is only {picture.height} pixels high.")
    if picture.width < 1.5 * picture.height:
        raise PictureError("is an icon, not the paper's name.")
    shown = Image.open(io.BytesIO(data)).convert("RGBA")
    shown.thumbnail((200, 200))
    pixels = list(zip(*[iter(shown.tobytes())] * 4, strict=True))
    opaque = [(red * 299 + green * 587 + blue * 114) / 1000 for red, green, blue, alpha in pixels if alpha > 128]
    if opaque and len(opaque) < 0.9 * len(pixels):
        ink = sum(opaque) / len(opaque)
        if ink < _DARK or ink > _LIGHT:
            paper = "dark" if ink < _DARK else "light"
            raise PictureError(f"is transparent and would not be seen on {paper} paper; give one for each.")
    return round(picture.width * scale), round(picture.height * scale)
