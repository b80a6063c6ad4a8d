"""Servers on loopback that take every message: postfix's smtp-sink, and a faster one in C with CHUNKING."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["compiled_sink", "postfix_sink"]

_SOURCE = Path(__file__).with_name("smtp_sink.c")


@contextmanager
def postfix_sink() -> Iterator[int]:
    """Yield the port of a running smtp-sink (PIPELINING, no CHUNKING)."""
    found = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise SystemExit("smtp-sink is not installed. It comes with postfix.")
    privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
    port = _free_port()
    with _running([found, *privileges, f"127.0.0.1:{port}", "1000"], port):
        yield port


@contextmanager
def compiled_sink(folder: Path, *, chunking: bool, seconds: float = 0.0) -> Iterator[int]:
    """Compile the sink beside this file into `folder`, and yield the port on which it listens.

    Args:
        seconds: What it takes to answer a letter.
    """
    binary = folder / "smtp_sink"
    if not binary.exists():
        subprocess.run(["cc", "-O2", "-pthread", "-D_GNU_SOURCE", "-o", binary, _SOURCE], check=True)
    port = _free_port()
    with _running([str(binary), str(port), str(round(seconds * 1e6)), *(["chunking"] if chunking else [])], port):
        yield port


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await(port)
        yield
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"Nothing listens on port {port} after 5 seconds.")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
