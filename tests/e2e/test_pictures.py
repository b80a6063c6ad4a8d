"""Hosted pictures, from the publisher's site to the page that serves them."""

from __future__ import annotations

import io
import re

import httpx
from PIL import Image

from tests.conftest import Project
from tests.e2e.test_path import part, read_letter
from tests.e2e.test_serve import serving


def test_pictures_are_made_once_and_served_and_what_cannot_be_had_is_left_out(project: Project) -> None:
    project.change_config(
        lambda text: text.replace("[web]\n", '[pictures]\nmode = "hosted"\nmax_kb = 90\n\n[web]\n', 1)
    )
    with serving(project) as base_url:
        project.digest("run", "politics")
        html = part(read_letter(project.letters()[0]), "html")
        addresses = re.findall(r'<img[^>]+src="([^"]+)"', html)
        assert addresses
        assert all(address.startswith(f"{base_url}/pictures/") for address in addresses)
        lead = httpx.get(addresses[0], trust_env=False)
        assert (lead.status_code, lead.headers["content-type"]) == (200, "image/jpeg")
        assert "immutable" in lead.headers["cache-control"]
        assert len(lead.content) <= 90 * 1024
        width, height = Image.open(io.BytesIO(lead.content)).size
        assert abs(width / height - 16 / 9) < 0.01
        for name in ("0" * 32 + ".jpg", "..%2f..%2fconfig.toml", "x.jpg"):
            assert httpx.get(f"{base_url}/pictures/{name}", trust_env=False).status_code == 404
    kept = sorted(path.name for path in (project.folder / "var" / "pictures").iterdir())
    assert {address.rpartition("/")[2] for address in addresses} <= set(kept)
    assert "pictures.max_kb: is 5." in _with(project, "max_kb = 90", "max_kb = 5")


def _with(project: Project, old: str, new: str) -> str:
    project.change_config(lambda text: text.replace(old, new))
    return project.digest("check", exit_code=1)
