"""`pytest tests/golden --renew-golden` writes the letters anew; look at the difference before you commit it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest


class Golden(Protocol):
    """Compares text with the kept file of that name, or renews the file."""

    def __call__(self, name: str, text: str) -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write the golden letters anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    # The option is unknown when these tests run as a part of all: then nothing is renewed.
    renews = bool(request.config.getoption("--renew-golden", default=False))

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "letters" / name
        if renews:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="")
        kept = path.read_bytes().decode("utf-8")
        assert text == kept, f"{name} is not as kept; renew with: pytest -n 0 tests/golden --renew-golden"

    return compare
