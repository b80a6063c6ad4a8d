"""The yardsticks of `bench.smtp`: each submits messages of the same size to a port and returns how many a second."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import subprocess
import time
from email.message import EmailMessage
from pathlib import Path

from digest.model import Addressed, Letter

__all__ = ["nodemailer", "nodemailer_folder", "smtp_source", "smtplib_loop"]

_SCRIPT = Path(__file__).with_name("smtp_nodemailer.mjs")


def smtp_source(port: int, messages: int, size: int, connections: int) -> float:
    """Run postfix's load generator in C: one message in many copies, connections kept."""
    found = shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise SystemExit("smtp-source is not installed. It comes with postfix.")
    numbers = ["-s", str(connections), "-l", str(size), "-m", str(messages)]
    started = time.perf_counter()
    subprocess.run([found, "-d", *numbers, f"127.0.0.1:{port}"], check=True)
    return messages / (time.perf_counter() - started)


def smtplib_loop(port: int, letter: Letter, readers: list[Addressed]) -> float:
    """Write the plain loop: an EmailMessage for each reader, over one kept connection."""
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for reader in readers:
            message = EmailMessage()
            for name, value in letter.headers:
                message[name] = value
            message["To"] = reader.delivery.email
            message["List-Unsubscribe"] = f"<{reader.unsubscribe_url}>"
            message.set_content(letter.text)
            message.add_alternative(letter.html, subtype="html")
            connection.send_message(message)
    return len(readers) / (time.perf_counter() - started)


def nodemailer_folder(folder: Path) -> Path | None:
    """Install nodemailer below `folder` and return where; None when there is no npm."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return None
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "nodemailer"]
    return folder if subprocess.run(command, cwd=folder).returncode == 0 else None


def nodemailer(folder: Path, port: int, letter: Letter, messages: int, connections: int) -> float:
    """Run nodemailer's pooled transport."""
    content = folder / "letter.json"
    content.write_text(json.dumps({"html": letter.html, "text": letter.text}))
    words = [folder, port, messages, content, connections]
    told = subprocess.run(["node", _SCRIPT, *map(str, words)], check=True, stdout=subprocess.PIPE)
    return messages / float(told.stdout)
