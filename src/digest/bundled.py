"""Where the files that ship with Digest are: themes, web pages, the demo's lists and config.

An installed package carries them under `digest/bundled`; in a checkout they are the top-level
`templates/`, `subscribers/` and `config.toml`.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled"]

_PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return the path of a shipped file or folder, such as "templates/classic"."""
    installed = _PACKAGE / "bundled" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name
