"""The variables that hold secrets: of this process, or in files, as Docker, Kubernetes and systemd hand them over.

config.toml names a variable and never has its value. `VARIABLES["SMTP_PASSWORD"]` is that variable's value; where it
isn't set, the text of the file that `SMTP_PASSWORD_FILE` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["VARIABLES", "why_missing"]


class _Variables(Mapping[str, str]):
    """A file that can't be read counts as none: a source's key may not end an edition."""

    def __getitem__(self, name: str) -> str:
        if os.environ.get(name) or not (path := _file_of(name)):
            return os.environ[name]
        try:
            return _read(path)
        except (OSError, UnicodeDecodeError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


VARIABLES: Mapping[str, str] = _Variables()


def why_missing(name: str) -> str:
    """Return, as a sentence, why `VARIABLES` has nothing by that name."""
    if path := _file_of(name):
        try:
            _read(path)
            problem = "it is empty"
        except OSError as error:
            problem = str(error.strerror)
        except UnicodeDecodeError:
            problem = "it is not UTF-8"
        return f"the environment variable {name}_FILE names {path}, which can't be used: {problem}."
    return f"the environment variable {name} is not set."


def _file_of(name: str) -> str:
    return os.environ.get(f"{name}_FILE", "") if name else ""


def _read(path: str) -> str:
    return Path(path).read_text("utf-8").rstrip("\r\n")
