"""Which network addresses a source may lead to.

A feed is other people's text: its links and redirects must not reach this machine or its network.
This decides about addresses and turns names into them; it opens no connection.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence

__all__ = ["is_public", "resolve"]

# Global unicast (RFC 4291 §2.4) is the only part of IPv6 that a public site can be in. Inside it,
# these carry or stand for something else: Teredo and other protocol assignments, documentation,
# 6to4, and the newer documentation block (RFC 4380, 3849, 3056, 9637).
_IPV6_UNICAST = ipaddress.ip_network("2000::/3")
_IPV6_REFUSED = tuple(ipaddress.ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Relays of 6to4 (RFC 7526) count as global in Python's table, and so does what Azure tells its machines of themselves.
# Protocol assignments (RFC 6890) do so but for their first eight.
_IPV4_REFUSED = tuple(ipaddress.ip_network(block) for block in ("192.88.99.0/24", "168.63.129.16/32", "192.0.0.0/24"))


def is_public(address: str) -> bool:
    """Return whether `address` (IPv4 or IPv6, no name) is one that any machine on the internet may reach."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        return ip in _IPV6_UNICAST and ip.is_global and not any(ip in block for block in _IPV6_REFUSED)
    return (
        ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in block for block in _IPV4_REFUSED)
    )


def resolve(host: str, port: int, timeout_seconds: float) -> Sequence[str]:
    """Return the addresses of `host`, in the resolver's order.

    The system's resolver knows no time limit, so it is asked on a thread that is left behind when
    it doesn't answer in time.

    Raises:
        OSError: there is no such name, or no answer in time.
    """
    with contextlib.suppress(ValueError):  # an address already: nothing to ask
        return [str(ipaddress.ip_address(host))]
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except OSError as error:
            answers.put(error)
        except UnicodeError:  # a label that is too long, or no IDNA
            answers.put(OSError("the name is not a valid host name"))

    threading.Thread(target=ask, daemon=True, name=f"resolve {host[:60]}").start()
    try:
        answer = answers.get(timeout=max(timeout_seconds, 0.001))
    except queue.Empty:
        raise TimeoutError(f"the name service gave no answer in {timeout_seconds:.0f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
