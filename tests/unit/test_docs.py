"""What the documents say is there."""

import re
import tomllib
from pathlib import Path

import typer
from typer.main import get_command

from digest.cli import whole_app

ROOT = Path(__file__).parents[2]


def commands() -> dict[str, str]:
    """Return every command's help by its full name."""
    found: dict[str, str] = {}
    top = get_command(whole_app())
    context = typer.Context(top)
    for name in top.list_commands(context):  # type: ignore[attr-defined]  # a group, as every Typer with commands
        command = top.get_command(context, name)  # type: ignore[attr-defined]
        for child in getattr(command, "commands", {}).values():
            found[f"{name} {child.name}"] = child.help or ""
        if not hasattr(command, "commands"):
            found[name] = command.help or ""
    return found


def alternatives(text: str) -> list[str]:
    """Split what the README writes as `approve\\|hold`."""
    return re.split(r"\\?\|", text)


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    table = re.findall(r"`digest ([^`]+)`", (ROOT / "README.md").read_text("utf-8"))
    named = {
        f"{words[0]} {part}" for line in table for words in [line.split()] for part in re.split(r"\\?\|", words[-1])
    }
    named |= {words for line in table for words in re.split(r"\\?\|", line.split()[0])}
    for name, told in commands().items():
        assert told, name
        assert name in named, name


def test_every_pinned_package_is_accounted_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=\[]", requirement)[0] for requirement in wanted}
    design = (ROOT / "docs" / "design.md").read_text("utf-8").lower().replace("sqlalchemy core", "sqlalchemy")
    assert [name for name in sorted(names) if name not in design] == []
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    assert [name for name in sorted(names) if not re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE)] == []


def test_the_lock_names_no_index() -> None:
    assert not re.search(r"https?://|file:|--(extra-)?index-url", (ROOT / "requirements.txt").read_text("utf-8"))
