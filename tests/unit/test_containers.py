"""compose.yaml, the Dockerfile and .dockerignore, held against the commands, variables and files that there are.

They are read as text: nothing here runs a container.
"""

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from digest.cli import whole_app
from digest.config import WebConfig, listening_place

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
SERVICES = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", COMPOSE.partition("\nservices:\n")[2], re.MULTILINE))


def words(flow: str) -> list[str]:
    """Return the words of a list in one line: `[digest, worker, "2"]`."""
    return [word.strip().strip("\"'") for word in flow.strip("[] ").split(",")]


def command_of(service: str) -> list[str]:
    (found,) = re.findall(r"^    command: (\[.*\])$", SERVICES[service], re.MULTILINE)
    return words(found)


@pytest.mark.parametrize("service", ["serve", "worker"])
def test_the_commands_are_there_with_their_options(service: str) -> None:
    program, name, *arguments = command_of(service)
    assert program == "digest"
    top = get_command(whole_app())
    command = top.get_command(typer.Context(top), name)  # type: ignore[attr-defined]  # a group
    command.make_context(name, arguments)  # misuse raises


def test_the_pages_are_listened_for_published_and_asked_after_at_one_port() -> None:
    arguments = command_of("serve")
    host, _, port = listening_place(arguments[arguments.index("--listen") + 1]).rpartition(":")
    assert host == "0.0.0.0"
    assert re.search(rf"^      - \$\{{DIGEST_PUBLISH:-127\.0\.0\.1:{port}\}}:{port}$", SERVICES["serve"], re.MULTILINE)
    (script,) = re.findall(r"        - \|\n((?: {10}.*\n)+)", SERVICES["serve"])
    compile(re.sub(r"^ {10}", "", script, flags=re.MULTILINE), "healthcheck", "exec")
    assert f'"127.0.0.1", {port}' in script and '"/healthz"' in script


def test_the_variables_are_explained_and_are_those_that_are_read() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for name in {*re.findall(r"\$\{(\w+)", COMPOSE), *re.findall(r"^#   (\w+)=", COMPOSE, re.MULTILINE)}:
        assert name in documented, name
    given = re.findall(r"^    (DIGEST_\w+):", COMPOSE, re.MULTILINE)
    assert WebConfig().secret_env in given
    (password_env,) = set(given) - {WebConfig().secret_env}
    table = re.findall(r"```toml\n(.*?)```", documented, re.DOTALL)
    assert all(f'password_env = "{password_env}"' in one for one in table if "[database]" in one)


def test_whoever_works_on_the_project_is_no_root_and_is_told_to_stop() -> None:
    (user,) = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    (number,) = re.findall(rf"useradd --uid (\d+) .*\b{user}\b", DOCKERFILE)
    assert number != "0"
    for said in (f"user: ${{DIGEST_USER:-{number}:{number}}}", "init: true", "stop_grace_period: 60s"):
        assert re.search(rf"^  {re.escape(said)}(?:  #.*)?$", COMPOSE.partition("\nservices:\n")[0], re.MULTILINE), said


def test_serve_bears_the_name_of_its_machine() -> None:
    assert re.search(r"^    uts: host\b", SERVICES["serve"], re.MULTILINE)
    assert "hostname:" not in COMPOSE  # every copy would bear it, and `digest arm` hold for all of them


def test_one_service_builds_the_image_of_both() -> None:
    assert [name for name, told in SERVICES.items() if re.search(r"^    build:", told, re.MULTILINE)] == ["serve"]


def test_the_database_is_asked_where_only_the_finished_one_answers() -> None:
    (asked,) = re.findall(r"test: (\[CMD, pg_isready.*\])", SERVICES["database"])
    assert "--host=127.0.0.1" in words(asked)


def in_context(path: str) -> bool:
    """Return whether `path` reaches the builder, by .dockerignore: the last pattern that fits it decides."""
    parts = [path, *(str(above) for above in Path(path).parents if str(above) != ".")]
    reaches = True
    for line in IGNORED:
        pattern = line.removeprefix("!").removeprefix("**/")
        if line and not line.startswith("#") and any(fnmatch(part, pattern) for part in parts):
            reaches = line.startswith("!")
    return reaches


def test_the_image_is_made_of_what_the_package_needs_and_of_nothing_else() -> None:
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    }
    assert {name for name in copied if not (ROOT / name).exists() or not in_context(name)} == set()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    bundled = re.search(r"force-include\]\n((?:\".*\n)+)", project)
    assert bundled is not None
    needed = {
        *re.findall(r'^"([^"]+)"', bundled[1], re.MULTILINE),
        *re.findall(r'^readme = "(.*)"', project, re.MULTILINE),
    }
    assert needed | {"src", "pyproject.toml", "requirements.txt"} == copied
    for private in (".env", "var/digest.db", "keys/digest.pem", ".git/config", "digest.dump", "my-paper/config.toml"):
        assert not in_context(private), private


def test_the_image_runs_the_service_by_itself() -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert json.loads(command) == ["digest", "serve"]
