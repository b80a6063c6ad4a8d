"""/c/TOKEN?to=ADDRESS: leads from a letter to a story, and counts that somebody went there.

Counted is what people did with editions that went out: no machines, no look ahead, nobody twice within half an
hour, and none of it by reader. Whoever comes is led on at once; the counting is written a little later.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from digest.canonical import canonical_url
from digest.collect.popularity.crawlers import is_machine, is_prefetch
from digest.deliver import ledger
from digest.errors import DigestError
from digest.mishaps import note_mishap
from digest.store.clicks import Clicked, add_clicks
from digest.trying import FIRST_PART, SECOND_PART

if TYPE_CHECKING:
    from digest.app import App
    from digest.store.database import Database

__all__ = ["ROUTES", "ClickCounter"]

_ONE_VISIT = timedelta(minutes=30)
_MOST_VISITS = 200_000  # remembered at once; then the oldest half hour is forgotten early
_WRITE_EVERY_SECONDS = 5.0


class ClickCounter:
    """Counts clicks in memory and writes them every few seconds. Safe to use from several threads.

    Clicks break ties and no more, so that a crash may lose the last seconds of them.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)  # of this process: what is remembered of a visitor dies with it
        self._visits: dict[bytes, datetime] = {}
        self._counted: Counter[Clicked] = Counter()
        self._went_out: set[str] = set()
        self._timer: threading.Timer | None = None

    def count(self, edition_id: str, url: str, *, address: str, agent: str) -> None:
        """Count a click, unless this visitor went there less than half an hour ago, or the edition never left."""
        now = self._now()
        clicked = Clicked(edition_id, canonical_url(url), now.replace(minute=0, second=0, microsecond=0))
        if not self._has_gone_out(edition_id):
            return
        told = "\0".join((address, agent, edition_id, clicked.url)).encode("utf-8", "replace")
        visit = hashlib.blake2b(told, digest_size=12, key=self._salt).digest()
        with self._lock:
            last = self._visits.get(visit)
            if last is not None and now - last < _ONE_VISIT:
                return
            if len(self._visits) >= _MOST_VISITS:
                self._visits = {key: at for key, at in self._visits.items() if now - at < _ONE_VISIT / 2}
            self._visits[visit] = now
            self._counted[clicked] += 1
            if self._timer is None:
                self._timer = threading.Timer(_WRITE_EVERY_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what was counted; what can't be written is kept for the next time."""
        with self._lock:
            counted, self._counted, self._timer = self._counted, Counter(), None
        try:
            add_clicks(self._database, counted)
        except DigestError as error:
            note_mishap("clicks", error)
            self._keep(counted)

    def _keep(self, counted: Mapping[Clicked, int]) -> None:
        with self._lock:
            self._counted.update(counted)

    def _has_gone_out(self, edition_id: str) -> bool:
        edition = edition_id.removesuffix(FIRST_PART).removesuffix(SECOND_PART)  # of two subjects
        if edition_id not in self._went_out and ledger.has_begun(self._database, edition):
            self._went_out.add(edition_id)
        return edition_id in self._went_out


def _click(request: Request) -> RedirectResponse:
    app: App = request.app.state.app
    url = request.query_params.get("to", "")
    edition_id = app.links.read_click(request.path_params["token"], url)
    if edition_id is None:
        raise HTTPException(404)
    counter: ClickCounter = request.app.state.clicks
    if _is_person(request):
        try:
            counter.count(
                edition_id,
                url,
                address=request.client.host if request.client else "",
                agent=request.headers.get("user-agent", ""),
            )
        except DigestError as error:  # whoever clicks gets there, whatever the database says
            note_mishap("clicks", error)
    # 302, never kept: the next reader of a shared cache must be counted too.
    return RedirectResponse(url, status_code=302, headers={"cache-control": "no-store"})


def _is_person(request: Request) -> bool:
    if request.method != "GET" or is_machine(request.headers.get("user-agent", "").encode("latin-1", "replace")):
        return False
    purposes = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return not any(is_prefetch(purpose.encode("latin-1", "replace")) for purpose in purposes)


ROUTES = (Route("/c/{token}", _click, methods=["GET"]),)
