"""Two DKIM verifiers that share no code with ours or with each other: dkimpy, and OpenDKIM's library.

Neither asks DNS: the keys are given to them. OpenDKIM is a program of the system's, so it may be missing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import dkim

from digest.deliver.dkim import Signer

__all__ = ["OPENDKIM", "SIGNING_DATE", "dkimpy_finds", "opendkim_finds"]

OPENDKIM = shutil.which("opendkim", path="/usr/sbin:/usr/local/sbin:/usr/bin")
"""Where it is, or None; Debian's package opendkim has it."""

SIGNING_DATE = "Tue, 05 Mar 2024 07:00:00 -0800"  # verifiers refuse a t= that lies in their future
_VERDICT = re.compile(r"\bdkim=(\w+)[^;]*? header\.s=(\S+)")  # in the Authentication-Results that it would add


def dkimpy_finds(message: bytes, signers: Sequence[Signer]) -> tuple[bool, ...]:
    """Tell for each signature on `message`, from the top, whether it is valid."""
    records = {f"{signer.record_name}.": signer.record for signer in signers}
    count = message.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    return tuple(_is_valid(message, place, records) for place in range(count))


def opendkim_finds(message: bytes, signers: Sequence[Signer], folder: Path) -> tuple[bool, ...]:
    """Tell for each signature on `message`, from the top, whether it is valid; `folder` is for its files."""
    assert OPENDKIM is not None
    keys, configuration, letter = folder / "keys", folder / "opendkim.conf", folder / "letter.eml"
    keys.write_text("".join(f"{signer.record_name} {signer.record}\n" for signer in signers), "ascii")
    configuration.write_text(f"Mode v\nTestPublicKeys {keys}\n", "utf-8")
    letter.write_bytes(message)
    done = subprocess.run(
        [OPENDKIM, "-x", str(configuration), "-vv", "-t", str(letter)], capture_output=True, text=True, timeout=60
    )
    verdicts = {selector: verdict for verdict, selector in _VERDICT.findall(done.stdout)}
    assert done.returncode == 0 and verdicts, done.stdout + done.stderr
    written = re.findall(rb"DKIM-Signature: [^;]*;(?:[^;]*;)*? s=([^;]+);", message.partition(b"\r\n\r\n")[0])
    return tuple(verdicts[selector.decode("ascii")] == "pass" for selector in written)


def _is_valid(message: bytes, place: int, records: dict[str, str]) -> bool:
    def found(name: bytes, timeout: int = 5) -> str:
        return records[name.decode("ascii")]

    try:
        return bool(dkim.DKIM(message).verify(idx=place, dnsfunc=found))
    except dkim.DKIMException:
        return False
