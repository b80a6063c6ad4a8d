"""The daily email of a news publisher, made by itself.

The names below are the public API: offline, deterministic, and importable without a configuration.

    from digest import Story, takeaways
    takeaways("Council backs ferry", text)

Each is loaded when first asked for, so that `import digest` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.collect import parse_feed, read_article, read_front_page
    from digest.compress import takeaways
    from digest.model import FrontPage, Letter, Popularity, Story, Takeaway
    from digest.render import render
    from digest.select import cluster, rank

__all__ = [
    "FrontPage",
    "Letter",
    "Popularity",
    "Story",
    "Takeaway",
    "cluster",
    "parse_feed",
    "rank",
    "read_article",
    "read_front_page",
    "render",
    "takeaways",
]

_HOMES = {
    "FrontPage": "digest.model",
    "Letter": "digest.model",
    "Popularity": "digest.model",
    "Story": "digest.model",
    "Takeaway": "digest.model",
    "cluster": "digest.select",
    "parse_feed": "digest.collect",
    "rank": "digest.select",
    "read_article": "digest.collect",
    "read_front_page": "digest.collect",
    "render": "digest.render",
    "takeaways": "digest.compress",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'digest' has no attribute '{name}'")
    module = import_module(home)
    value = module if home == f"{__name__}.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
