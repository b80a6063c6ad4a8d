"""kill -9 at moments that a seed chooses: nothing lost, nothing doubled, little uncertain."""

import json
import random
import subprocess
from collections import Counter

from tests.conftest import COMMAND, Project, wait_for
from tests.e2e.test_senders import use_smtp
from tests.standins.smtp import SmtpStandin

KILLS = 6
READERS = 1_500
CONNECTIONS = 10


def test_killed_runs_lose_and_double_nothing(project: Project) -> None:
    with (project.folder / "subscribers" / "politics.csv").open("w", encoding="utf-8") as file:
        file.write("email\n")
        file.writelines(f"reader{number}@example.com\n" for number in range(READERS))
    chance = random.Random(2026)
    assert COMMAND is not None
    with SmtpStandin() as server:
        use_smtp(project, server)
        project.digest("arm")
        for _ in range(KILLS):
            run = subprocess.Popen([COMMAND, "run", "politics"], cwd=project.folder, stdout=subprocess.DEVNULL)
            enough = len(server.taken) + chance.randint(1, READERS // (2 * KILLS))
            wait_for(lambda: run.poll() is not None or len(server.taken) >= enough)  # noqa: B023  (called at once)
            run.kill()
            run.wait()
        finished = subprocess.run([COMMAND, "run", "politics"], cwd=project.folder, capture_output=True, text=True)
        recipients = Counter(message.recipient for message in server.taken)
    edition = json.loads(project.digest("status", "--json"))["editions"][0]["edition"]
    rows = json.loads(project.digest("deliveries", edition, "--json"))
    states = Counter(row["state"] for row in rows)
    accepted = {row["email"] for row in rows if row["state"] == "accepted"}

    assert len(rows) == READERS, finished.stdout
    assert set(states) <= {"accepted", "uncertain"}, finished.stdout
    assert max(recipients.values()) == 1, "doubled"
    assert accepted <= set(recipients), "lost"
    assert states["uncertain"] <= KILLS * CONNECTIONS
