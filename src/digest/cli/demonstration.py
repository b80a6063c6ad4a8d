"""`digest demo`: the whole path on the bundled newspaper, from its own site on loopback to letters."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from digest.bundled import bundled
from digest.cli.report import print_run
from digest.config import Config, load_config
from digest.demo.newsroom import load_newsroom
from digest.demo.server import DemoSite, serve_demo_site
from digest.demo.traffic import write_access_log, write_views_csv
from digest.errors import DigestError
from digest.pipeline import run, today
from digest.wiring import open_app

__all__ = ["run_demo", "write_demo_project"]

SITE_PORT = 8040  # the one that config.toml names, so that its letters' pictures can be served again
SITE_IN_CONFIG = f"http://127.0.0.1:{SITE_PORT}"
_MARK = ".digest-demo"  # this folder is ours to empty


def run_demo(folder: Path, *, keep_serving: bool) -> None:
    """Make a project in `folder`, run it twice, and say what there is to look at."""
    now = datetime.now(UTC)
    _empty(folder)
    newsroom = load_newsroom(now)
    with serve_demo_site(newsroom, port=_free_port(SITE_PORT)) as site:
        print(f"The Harbour Herald is up at {site.base_url}: {len(newsroom.stories)} stories, 4 sections.", flush=True)
        config = write_demo_project(folder, site.base_url, now)
        started = time.monotonic()
        with open_app(config) as app:
            slots = [today(app, section) for section in config.sections]
            report = run(app, slots, is_asked_for=True)
            seconds = time.monotonic() - started
            print_run(report)
            again = run(app, slots, is_asked_for=True)
        _keep_pictures(folder / "outbox", site)
        letters = len(list((folder / "outbox").rglob("*.eml")))
        is_same = [edition.counts for edition in report.editions] == [edition.counts for edition in again.editions]
        print(f"\nMade {letters} letters in {seconds:.1f} s, then ran again on the same ledger:", end=" ")
        print("nothing was doubled." if is_same else "the counts changed.")
        _print_places(folder, site)
        if report.has_failed or not is_same or not letters:
            raise DigestError("The demo did not do what it should.")
        if keep_serving:
            _serve_until_stopped(site)


def write_demo_project(folder: Path, base_url: str, now: datetime) -> Config:
    """Write the demo's config.toml, lists, access log and views into `folder`."""
    newsroom = load_newsroom(now)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    text = bundled("config.toml").read_text("utf-8").replace(SITE_IN_CONFIG, base_url)
    # The project is a folder of its own already: what it makes lies beside its config.toml.
    text = re.sub(r'(= "(?:sqlite:///)?)var/', r"\1", text)
    (folder / "config.toml").write_text(text, "utf-8")
    shutil.copytree(bundled("subscribers"), folder / "subscribers", dirs_exist_ok=True)
    write_access_log(folder / "access.log", newsroom)
    write_views_csv(folder / "views.csv", newsroom, base_url)
    return load_config(folder / "config.toml")


def _free_port(wanted: int) -> int:
    """Return `wanted`, or 0 (any) when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def _empty(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise DigestError(f"{folder} is a file. Name a folder: digest demo --to DIR")
    place = folder.resolve()
    if Path.cwd().is_relative_to(place):
        raise DigestError(
            f"{place} is made anew, and this shell stands in it. Go out of it first (cd {place.parent}), or name "
            "another folder: digest demo --to DIR"
        )
    if any(folder.iterdir()) and not (folder / _MARK).exists():
        raise DigestError(f"{folder} holds something that no demo made. Name another folder: digest demo --to DIR")
    shutil.rmtree(folder)


def _keep_pictures(outbox: Path, site: DemoSite) -> None:
    """Put the letters' pictures beside the pages, which are looked at when the site is gone."""
    import httpx

    pictures = outbox / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for page in outbox.rglob("letter.html"):
        html = page.read_text("utf-8")
        for address in sorted(set(re.findall(rf'src="({re.escape(site.base_url)}/[^"]+)"', html))):
            kept = pictures / address.rpartition("/")[2]
            if not kept.exists():
                kept.write_bytes(httpx.get(address, trust_env=False).raise_for_status().content)
            up = "../" * (len(page.relative_to(outbox).parts) - 1)
            html = html.replace(f'src="{address}"', f'src="{up}pictures/{kept.name}"')
        page.write_text(html, "utf-8")


def _print_places(folder: Path, site: DemoSite) -> None:
    eml = next(iter(sorted((folder / "outbox").rglob("*.eml"))), None)
    command = _command()
    print(f"  {folder / 'outbox' / 'index.html'}\n      every edition as a page, every letter as a file")
    if eml is not None:
        again = f"while `{command} demo --serve` runs" if site.base_url == SITE_IN_CONFIG else "while the site is up"
        print(f"  {eml}\n      opens in a mail client (its pictures {again})")
    told = f"{command} -c {folder / 'config.toml'}"
    print(f"Look closer:\n  {told} preview politics\n  {told} status")
    print(f"Your own paper:\n  {command} init my-paper --site https://…")


def _command() -> str:
    """Return how `digest` is to be called from here: by its name where the shell finds it."""
    started = Path(sys.argv[0])
    found = shutil.which("digest")
    if found is not None and Path(found).resolve() == started.resolve():
        return "digest"
    return os.path.relpath(started) if started.is_relative_to(Path.cwd()) else str(started)


def _serve_until_stopped(site: DemoSite) -> None:
    print(f"\nThe site stays up at {site.base_url}; Ctrl-C ends it.", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()
