import hashlib
import io

import pytest
from PIL import Image

from digest.demo.pictures import SCENES, draw_picture


@pytest.mark.parametrize("scene", SCENES)
def test_a_picture_is_a_light_jpeg_of_the_right_size(scene: str) -> None:
    data = draw_picture(scene, "any-slug")
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", (1200, 675))
    assert 10_000 < len(data) <= 60_000


def test_a_picture_depends_on_scene_and_slug_alone() -> None:
    first = draw_picture("lighthouse", "one")
    draw_picture.cache_clear()
    assert draw_picture("lighthouse", "one") == first
    others = {hashlib.sha256(draw_picture("lighthouse", slug)).digest() for slug in ("one", "two", "three")}
    assert len(others) == 3
