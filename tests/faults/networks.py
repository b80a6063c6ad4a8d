"""Machines in network namespaces of their own, whose links to a server can be cut and mended.

    with machines(1) as (hub, worker):
        with hub.entered():
            ...  # what is begun here, threads and processes, listens at DATABASE and SINK
        with worker.entered():
            ...  # what is begun here reaches each of the two over a link of its own
        worker.cut(DATABASE)

A cut link is silent: what is sent is dropped, and nobody is told. Needs root on Linux. A namespace lasts as long as
this process or one that was begun in it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.postgres import Unavailable

__all__ = ["DATABASE", "HOSTS", "SINK", "Machine", "machines"]

HOSTS = "198.18.0.0/15"  # RFC 2544: for tests of networks, never routed
DATABASE = "198.18.0.1"
SINK = "198.18.0.2"
_SERVERS = (DATABASE, SINK)
_OWN = Path("/proc/thread-self/ns/net")
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_libc = ctypes.CDLL(None, use_errno=True)


class Machine:
    """A network namespace. The hub is number 0, and has the servers' addresses; each other has a link to each."""

    def __init__(self, number: int, hub: Machine | None) -> None:
        self._number = number
        self._hub = hub or self
        with _kept() as outside:
            if _libc.unshare(_CLONE_NEWNET):
                raise Unavailable(f"no network namespaces: {os.strerror(ctypes.get_errno())}")
            self._namespace = os.open(_OWN, os.O_RDONLY)
            _enter(outside)
        self.ip("link", "set", "lo", "up")
        for server in _SERVERS:
            if hub is None:
                self.ip("address", "add", f"{server}/32", "dev", "lo")
            else:
                self._connect(server)

    def _connect(self, server: str) -> None:
        there = f"/proc/{os.getpid()}/fd/{self._namespace}"
        here, far, net = self._link(server), f"far{server[-1]}", f"198.19.{self._number * 10 + int(server[-1])}"
        self._hub.ip("link", "add", "dev", here, "type", "veth", "peer", "name", far, "netns", there)
        self._hub.ip("address", "add", f"{net}.1/24", "dev", here)
        self.ip("address", "add", f"{net}.2/24", "dev", far)
        self.ip("link", "set", far, "up")
        self.mend(server)
        self.ip("route", "add", server, "via", f"{net}.1")

    def _link(self, server: str) -> str:
        return f"m{self._number}to{server[-1]}"

    def cut(self, *servers: str) -> None:
        """Drop whatever goes between this machine and `servers`."""
        for server in servers:
            self._hub.ip("link", "set", self._link(server), "down")

    def mend(self, *servers: str) -> None:
        for server in servers:
            self._hub.ip("link", "set", self._link(server), "up")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be on this machine: this thread, and what it begins."""
        with _kept() as before:
            _enter(self._namespace)
            try:
                yield
            finally:
                _enter(before)

    def ip(self, *words: str) -> None:
        """Run ip(8) on this machine."""
        with self.entered():
            done = subprocess.run(["ip", *words], capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def close(self) -> None:
        os.close(self._namespace)


@contextmanager
def machines(count: int) -> Iterator[tuple[Machine, ...]]:
    """Make a hub and `count` machines that are linked to it.

    Raises:
        Unavailable: that is not allowed here, or not possible.
    """
    if os.geteuid() or not _OWN.exists() or shutil.which("ip") is None:
        raise Unavailable("network namespaces need root, Linux and ip(8)")
    with ExitStack() as closing:
        hub = Machine(0, None)
        closing.callback(hub.close)
        made = [hub]
        for number in range(1, count + 1):
            made.append(Machine(number, hub))
            closing.callback(made[-1].close)
        yield tuple(made)


@contextmanager
def _kept() -> Iterator[int]:
    own = os.open(_OWN, os.O_RDONLY)
    try:
        yield own
    finally:
        os.close(own)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
