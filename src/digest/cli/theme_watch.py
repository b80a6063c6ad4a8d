"""A page on loopback that shows a theme and follows its files: what is saved is seen a second later."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import TemplateError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from digest.model import Edition

__all__ = ["serve_theme", "watch_site"]

# The letter stands in a frame of its own, so that nothing of the page around it is mistaken for the letter's.
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>
body {{ margin: 0; background: #d9d9d6; font: 14px/1.4 system-ui, sans-serif }}
main {{ display: flex; gap: 24px; padding: 16px; justify-content: center; flex-wrap: wrap }}
figure {{ margin: 0 }} figcaption {{ color: #333; padding: 4px 0 }}
iframe {{ border: 0; background: #fff; height: calc(100vh - 70px) }}
</style></head><body><main>
<figure><figcaption>Desktop</figcaption><iframe title="Desktop" src="/letter" width="680"></iframe></figure>
<figure><figcaption>Phone</figcaption><iframe title="Phone" src="/letter" width="375"></iframe></figure>
</main><script>
let seen = "";
setInterval(async () => {{
  const now = await (await fetch("/version")).text();
  if (seen && now !== seen) document.querySelectorAll("iframe").forEach(frame => frame.contentWindow.location.reload());
  seen = now;
}}, 700);
</script></body></html>
"""


def watch_site(folder: Path, edition: Edition) -> Starlette:
    """Return the pages: the frames, the letter as the files are now or what is wrong with them, and their version."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, PlainTextResponse
    from starlette.routing import Route

    from digest.cli.themes import themed

    def show(_: Request) -> HTMLResponse:
        return HTMLResponse(_PAGE.format(name=escape(folder.name)))

    def letter(_: Request) -> HTMLResponse:
        try:
            return HTMLResponse(themed(folder, edition))
        except TemplateError as error:
            faults = "".join(f"<li>{escape(str(fault))}</li>" for fault in error.faults)
            return HTMLResponse(f"<!DOCTYPE html><title>Faults</title><ul>{faults}</ul>", status_code=500)

    def version(_: Request) -> PlainTextResponse:
        files = (*folder.parent.glob("*/*.toml"), *folder.parent.glob("*/*.j2"))
        return PlainTextResponse(str(max((file.stat().st_mtime_ns for file in files), default=0)))

    return Starlette(routes=[Route("/", show), Route("/letter", letter), Route("/version", version)])


def serve_theme(folder: Path, edition: Edition, port: int) -> None:
    """Serve the pages on this machine only, until stopped."""
    import uvicorn

    uvicorn.run(watch_site(folder, edition), host="127.0.0.1", port=port, log_level="warning", access_log=False)
