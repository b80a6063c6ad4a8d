"""What Digest reads of recorded feeds and pages, and the digest that it makes of them.

    python -m bench.recorded DATA        DATA is a folder of recorded sets, one folder a set

First a table: per set how many files gave stories (a feed, a sitemap, a front page) or a text (an
article page), how many were refused with a named problem or gave nothing, and why. Then two digests
through the whole path up to the letter, the clock set back to the recording: one of a recorded feed
by its own labels, one of article pages behind a front page on loopback.
"""

from __future__ import annotations

import gzip
import sys
import tarfile
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from digest.collect import parse_feed, parse_sitemap, read_article, read_front_page
from digest.composing import collect_stories, compose_letter, draft
from digest.config import load_config
from digest.errors import SourceError
from digest.pipeline import today
from digest.render import render_terminal
from digest.wiring import open_app

Files = Iterable[tuple[str, bytes]]
PAGE_ENDINGS = (".html", ".html.gz", ".htm")


def main(data: Path) -> None:
    """Print the table and both digests."""
    print(f"{'set':<30}{'files':>7}{'read':>7}{'refused':>9}{'nothing':>9}{'s':>7}  why")
    for name, files, read in _sets(data):
        _measure(name, files, read)
    with tempfile.TemporaryDirectory() as folder:
        _digest_of_feed(data, Path(folder) / "feed")
        _digest_of_pages(data, Path(folder) / "pages")


def _sets(data: Path) -> Iterator[tuple[str, Files, Callable[[bytes, str], int]]]:
    yield "feeds-wild", _folder(data / "feeds-wild" / "files", ()), _feed
    for path in sorted((data / "feeds-conformance").glob("*.tar.gz")):
        yield f"feeds-conformance/{path.name[:-7]}", _archive(path), _feed
    yield "sitemaps", _folder(data / "sitemaps", (".xml", ".gz")), _sitemap
    for name in ("frontpages", "most-popular-blocks"):
        yield name, _folder(data / name, PAGE_ENDINGS), _front_page
    for name in ("fundus-news", "article-extraction-benchmark", "trafilatura-eval", "tagdiv-pages", "goose3-html"):
        yield name, _folder(data / name, PAGE_ENDINGS), _article
    yield "key-takeaways-blocks", _folder(data / "key-takeaways-blocks", PAGE_ENDINGS), _article


def _measure(name: str, files: Files, read: Callable[[bytes, str], int]) -> None:
    counts: Counter[str] = Counter()
    why: Counter[str] = Counter()
    started = time.perf_counter()
    for file, content in files:
        counts["files"] += 1
        try:
            counts["read" if read(content, f"https://example.com/{file}") else "nothing"] += 1
        except SourceError as error:
            counts["refused"] += 1
            why[error.what.partition(":")[0][:60]] += 1
    seconds = time.perf_counter() - started
    reasons = "; ".join(f"{count} × {reason}" for reason, count in why.most_common(2))
    row = f"{counts['files']:>7}{counts['read']:>7}{counts['refused']:>9}{counts['nothing']:>9}{seconds:>7.1f}"
    print(f"{name:<30}{row}  {reasons}", flush=True)


def _feed(content: bytes, url: str) -> int:
    return len(parse_feed(content, url))


def _sitemap(content: bytes, url: str) -> int:
    return len(parse_sitemap(content, url))


def _front_page(content: bytes, url: str) -> int:
    return len(read_front_page(content, url).stories)


def _article(content: bytes, url: str) -> int:
    return len(read_article(content, url).text)


def _folder(folder: Path, endings: tuple[str, ...]) -> Files:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (not endings or path.name.endswith(endings)):
            content = path.read_bytes()
            is_page = path.name.endswith(".html.gz")
            yield path.name, gzip.decompress(content) if is_page else content


def _archive(path: Path) -> Files:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and member.name.endswith((".xml", ".rss", ".atom", ".json", ".rdf")):
                yield member.name, file.read()


def _digest_of_feed(data: Path, folder: Path) -> None:
    """A general newspaper's feed, sections by its own labels."""
    body = (data / "feeds-wild" / "files" / "rss-parser__guardian.rss").read_bytes()
    newest = max(story.published_at for story in parse_feed(body, "https://example.com/") if story.published_at)
    with _serving({"/feed": body}) as base_url:
        _print_digest(folder, f'kind = "feed"\nurl = "{base_url}/feed"\nfetch_articles = false', newest, "news")


def _digest_of_pages(data: Path, folder: Path) -> None:
    """Article pages of many papers behind one front page; the newest fortnight of them."""
    pages = {f"/page/{name}": body for name, body in _folder(data / "article-extraction-benchmark", PAGE_ENDINGS)}
    stories = {path: read_article(body, f"https://example.com{path}") for path, body in pages.items()}
    newest = max(story.published_at for story in stories.values() if story.published_at)
    links = "".join(f'<h2><a href="{path}">{escape(story.title)}</a></h2>' for path, story in stories.items())
    pages["/"] = f"<html><body><main>{links}</main></body></html>".encode()
    with _serving(pages) as base_url:
        _print_digest(folder, f'kind = "front-page"\nurl = "{base_url}/"\nsection = "news"', newest, "news")


def _print_digest(folder: Path, source: str, newest: datetime, section: str) -> None:
    folder.mkdir()
    (folder / "config.toml").write_text(
        f"""[publication]
name = "Recorded"
url = "https://example.com"
from = "Recorded <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[[sources]]
{source}
limit = 100
allow_private = true
[sections.{section}]
labels = ["world", "us news", "uk news", "politics", "society", "australia news", "environment", "business"]
window_hours = 336
""",
        "utf-8",
    )
    with open_app(load_config(folder / "config.toml")) as opened:
        app = replace(opened, now=lambda: newest + timedelta(hours=1))
        collected = collect_stories(app)
        made = draft(app, today(app, section), collected)
        print(f"\n{len(collected.stories)} stories, {len(collected.problems)} problems")
        for problem in collected.problems:
            print(f"  ! {problem}")
        if made.edition is None:
            print(f"skipped: {' '.join(made.choice.notes)}")
            return
        edition, letter, _ = compose_letter(app, made.edition)
        print(f"letter: {len(letter.html.encode()):,} bytes\n{render_terminal(edition, color=False)}")


@contextmanager
def _serving(pages: Mapping[str, bytes]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Recorded, pages))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Recorded(BaseHTTPRequestHandler):
    def __init__(self, pages: Mapping[str, bytes], *arguments: object) -> None:
        self.pages = pages
        super().__init__(*arguments)  # type: ignore[arg-type]  # as socketserver calls it

    def do_GET(self) -> None:
        body = self.pages.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "application/xml" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Keep the table clean."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
