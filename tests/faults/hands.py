"""More hands than one process has: workers and schedulers on one database, begun, waited for and stopped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

import httpx

from tests.faults.harness import Installation, ServerInstallation, ended, free_port, until
from tests.faults.sinks import SmtpScript, Stage

__all__ = ["counting", "finish", "start_scheduler", "start_workers", "stop"]


def start_workers(here: ServerInstallation, count: int, *, at_once: int = 2) -> list[subprocess.Popen[str]]:
    """Start workers and wait until all that were started live."""
    wanted = here.ask("SELECT count(*) FROM workers")[0][0] + count
    workers = [here.start("worker", "--concurrency", str(at_once)) for _ in range(count)]
    until(lambda: here.ask("SELECT count(*) FROM workers")[0][0] >= wanted)
    return workers


def start_scheduler(here: Installation) -> tuple[subprocess.Popen[str], str]:
    """Start `digest serve`, with pages of its own; wait until it answers, and return it and their address."""
    port = free_port()
    text = (here.folder / "config.toml").read_text("utf-8").replace("listen =", "#listen =")
    config = here.folder / f"serve-{port}.toml"
    config.write_text(text.replace("[web]", f'[web]\nlisten = "127.0.0.1:{port}"'), "utf-8")
    process = here.start("-c", config.name, "serve")
    base_url = f"http://127.0.0.1:{port}"
    until(lambda: process.poll() is not None or is_up(base_url))
    return process, base_url


def is_up(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def finish(here: ServerInstallation, run: subprocess.Popen[str]) -> None:
    """Wait for a run; begin another while the edition is not done, as a scheduler's next alarm does."""
    run.communicate(timeout=60)
    until(lambda: here.status() == "done" or (here.digest("run", "politics").code >= 0 and here.status() == "done"))


def stop(processes: Iterable[subprocess.Popen[str]]) -> list[str]:
    """Ask processes to end; return what each printed. Fails when one shows a traceback."""
    asked = list(processes)
    for process in asked:
        process.terminate()
    return [ended(process).printed for process in asked]


def counting(dots: list[str]) -> SmtpScript:
    """Return a script that notes whom each letter is for when its end has come."""

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            dots.append(email)
        return ""

    return script
