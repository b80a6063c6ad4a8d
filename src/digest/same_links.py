"""Whether all processes of one database make the same readers' links: a worker signs them as well as who serves them.

A link that another key has signed leads to a page that knows nothing of it, and unsubscribing by it fails. So
whoever begins editions leaves one of its links in the database, of a reader who can't exist, and a worker makes
the same one before it delivers anything.
"""

from __future__ import annotations

from digest.app import App
from digest.errors import StoreError
from digest.store.settings import get_setting, put_setting

__all__ = ["require_same_links", "tell_links"]

_KEY = "a-link"
_NOBODY = 0  # ids begin with 1


def tell_links(app: App) -> None:
    """Say how links are made here, where others may share the database."""
    link = app.links.preferences_url(_NOBODY)
    if app.database.storage.path is None and get_setting(app.database, _KEY) != link:
        put_setting(app.database, _KEY, link)


def require_same_links(app: App) -> None:
    """Pass when links are made here as by who begins editions, or nobody said how.

    Raises:
        StoreError: they are others.
    """
    if get_setting(app.database, _KEY) not in (None, app.links.preferences_url(_NOBODY)):
        raise StoreError(
            f"{app.database.label}: `digest serve` would not know the unsubscribe links that are made here. Give "
            f"both the same web.base_url and {app.config.web.secret_env}, or copy var/secret.key from there."
        )
