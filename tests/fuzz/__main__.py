"""Fuzz one parser of `collect`, guided by coverage, until it breaks or the time is up.

    python -m tests.fuzz TARGET [-max_total_time=60] [libFuzzer's options …]

Opt-in: needs `pip install atheris`. TARGET is a key of `targets.TARGETS`, or "list". Seeds are written to a folder of
their own; what breaks a parser is written to crash-… in the working folder, and belongs into the unit tests as a case.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from digest.errors import SourceError
from tests.fuzz.seeds import NASTY_BYTES, SEEDS


def main(arguments: list[str]) -> int:
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("skipped: atheris is not installed; pip install atheris")
        return 0
    with atheris.instrument_imports(include=["digest.collect", "feedparser", "protego"]):
        from tests.fuzz.targets import TARGETS
    if not arguments or arguments[0] not in TARGETS:
        print(f"Name one of: {', '.join(sorted(TARGETS))}.")
        return 0 if arguments == ["list"] else 2
    name, *options = arguments
    target = TARGETS[name]

    def run(data: bytes) -> None:
        try:
            target(data)
        except SourceError:
            return

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS[name]):
            Path(folder, f"seed-{number}").write_bytes(seed)
        words = Path(folder, "words.dict")
        words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in NASTY_BYTES if 0 < len(piece) <= 60), "ascii")
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for seed_file in Path(folder).glob("seed-*"):
            seed_file.rename(corpus / seed_file.name)
        atheris.Setup([sys.argv[0], str(corpus), f"-dict={words}", "-timeout=20", "-max_len=20000", *options], run)
        atheris.Fuzz()
    return 0


def _escaped(piece: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in piece)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
