"""The pictures of an edition, made fit and served from here: for publications that want it so.

Done once for an edition, in parallel, within a quarter of a minute. A picture that can't be had is left out and said.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import replace
from pathlib import Path

from digest.app import App
from digest.errors import DigestError, SourceError
from digest.model import Brief, Edition
from digest.pictures.making import PictureError, Place, make_picture
from digest.settings import PictureMode

__all__ = ["picture_file", "with_hosted_pictures"]

_SECONDS = 15.0
_THREADS = 6
_SQUARES = 4  # top stories whose picture is made; a theme shows two of them
_SQUARE = Place(88, 88, 24 * 1024)
_LEAD_RATIO = 16 / 9
_LEAD_WIDTH = 600


def with_hosted_pictures(app: App, edition: Edition) -> tuple[Edition, tuple[str, ...]]:
    """Return the edition with its pictures made and kept here, and a sentence on each that is left out.

    Where pictures stay at their origin it comes back as it is.
    """
    told = app.config.pictures
    if told.mode is PictureMode.ORIGIN:
        return edition, ()
    lead_place = Place(_LEAD_WIDTH, round(_LEAD_WIDTH / _LEAD_RATIO), told.max_kb * 1024)
    wanted = [(edition.lead, lead_place)] if edition.lead and edition.lead.story.image_url else []
    squares = [brief for brief in edition.top if brief.story.image_url][:_SQUARES]
    jobs = [*wanted, *((brief, _SQUARE) for brief in squares)]
    made = _made_in_time(app, jobs)
    notes = tuple(
        f"The picture of “{brief.headline}” {why}" for (brief, _), (_, why) in zip(jobs, made, strict=True) if why
    )
    urls = {(id(brief)): url for (brief, _), (url, _) in zip(jobs, made, strict=True)}

    def hosted(brief: Brief) -> Brief:
        return replace(brief, story=replace(brief.story, image_url=urls.get(id(brief), "")))

    lead = hosted(edition.lead) if edition.lead else None
    return replace(edition, lead=lead, top=tuple(map(hosted, edition.top))), notes


def _made_in_time(app: App, jobs: Sequence[tuple[Brief, Place]]) -> list[tuple[str, str]]:
    """Return for each picture its address here, or "" and why there is none."""
    ends_at = time.monotonic() + _SECONDS
    threads = ThreadPoolExecutor(_THREADS, "pictures")
    try:
        begun = [threads.submit(_made, app, brief, place) for brief, place in jobs]
        made: list[tuple[str, str]] = []
        for future in begun:
            try:
                made.append((future.result(timeout=max(0.0, ends_at - time.monotonic())), ""))
            except OutOfTime:
                made.append(("", "did not come in time and is left out."))
            except DigestError as error:
                made.append(("", f"{error} It is left out."))
        return made
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _made(app: App, brief: Brief, place: Place) -> str:
    """Fetch, make and keep one picture; return its address here.

    Raises:
        DigestError: it can't be had, made or kept.
    """
    is_private = {source.label: source.allow_private for source in app.config.sources}
    try:
        response = app.fetcher.get(
            brief.story.image_url, allow_private=is_private.get(brief.story.source, False), fresh_for_seconds=86_400
        )
    except SourceError as error:
        raise PictureError(error.what) from error
    data = make_picture(response.body, place).data
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.jpg"
    try:
        _keep(picture_file(app, name), data)
    except OSError as error:
        raise PictureError(f"can't be kept: {error.strerror}.") from error
    return f"{app.config.web.base_url}/pictures/{name}"


def picture_file(app: App, name: str) -> Path:
    """Return where a picture of that name is kept."""
    return app.config.path(app.config.pictures.folder) / name


def _keep(path: Path, data: bytes) -> None:
    """Write the file whole or not at all; one of that name has that content already."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(beside).chmod(0o644)
    Path(beside).replace(path)
