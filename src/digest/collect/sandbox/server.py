"""Loaded by the process that parsing processes are forked from, and nowhere else.

It loads the parsers once, and keeps the children from running the program's main module again, as
`multiprocessing` would have them: they call nothing that stands there, and a script without the
`if __name__ == "__main__":` guard, or one read from standard input, would never get its children.
"""

from __future__ import annotations

import multiprocessing.spawn

import digest.collect.sandbox.jobs  # noqa: F401  # loaded before the fork, so that children have it at once

__all__: list[str] = []


def _leave_main_alone(_main: str) -> None:
    """Stand in for the step that imports the parent's main module."""


# There is no public way to say so; without these names children start as `multiprocessing` starts them.
for _step in ("_fixup_main_from_name", "_fixup_main_from_path"):
    if hasattr(multiprocessing.spawn, _step):
        setattr(multiprocessing.spawn, _step, _leave_main_alone)
