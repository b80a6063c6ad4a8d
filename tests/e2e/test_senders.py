"""Real transports on loopback, and the arm that guards them."""

import json
import subprocess
from collections import Counter
from email import message_from_bytes, policy

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.config import load_config
from digest.deliver.dkim import load_signers
from digest.settings import DkimSettings
from tests.conftest import COMMAND, Project, wait_for
from tests.e2e.test_path import READERS
from tests.standins.sendgrid import SendGridStandin
from tests.standins.smtp import SmtpStandin, TakenMessage
from tests.standins.verifiers import dkimpy_finds


def use_smtp(project: Project, server: SmtpStandin) -> None:
    project.change_config(
        lambda text: text.replace('sender = "outbox"', 'sender = "smtp"').replace(
            'host = "localhost"\nport = 25', f'host = "{server.host}"\nport = {server.port}'
        )
    )


def use_sendgrid(project: Project, server: SendGridStandin) -> None:
    project.change_config(
        lambda text: text.replace('sender = "outbox"', 'sender = "sendgrid"').replace(
            'api_key_env = "SENDGRID_API_KEY"', f'api_key_env = "SENDGRID_API_KEY"\nbase_url = "{server.base_url}"'
        )
    )


def test_nothing_reaches_people_before_arm_and_each_reader_gets_one_letter_after(project: Project) -> None:
    with SmtpStandin() as server:
        use_smtp(project, server)
        assert "digest arm" in project.digest("run", "politics", exit_code=1)
        assert server.taken == ()

        project.digest("arm")
        project.digest("run", "politics")
        project.digest("run", "politics")
        taken: tuple[TakenMessage, ...] = server.taken
    recipients = [message.recipient for message in taken]
    assert len(recipients) == len(set(recipients)) == READERS["politics"]
    assert len({message.message_id for message in taken}) == READERS["politics"]


def test_every_letter_carries_valid_signatures_when_keys_are_named(project: Project) -> None:
    keys: dict[str, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey] = {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ed": ed25519.Ed25519PrivateKey.generate(),
    }
    for selector, key in keys.items():
        path = project.folder / f"{selector}.pem"
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    domain = load_config(project.folder / "config.toml").publication.sender.rpartition("@")[2].rstrip(">")
    told = [DkimSettings(domain, selector, key_file=f"{selector}.pem") for selector in keys]
    project.change_config(
        lambda text: (
            text
            + "".join(
                f'\n[[delivery.dkim]]\ndomain = "{domain}"\nselector = "{one.selector}"\nkey_file = "{one.key_file}"\n'
                for one in told
            )
        )
    )
    with SmtpStandin() as server:
        use_smtp(project, server)
        project.digest("arm")
        project.digest("run", "politics")
        signers = load_signers(told, lambda name: project.folder / name, {})
        assert [dkimpy_finds(message.content, signers) for message in server.taken] == [(True, True)] * READERS[
            "politics"
        ]


def test_a_test_letter_needs_no_arm_is_marked_and_never_counts(project: Project) -> None:
    with SmtpStandin() as server:
        use_smtp(project, server)
        project.digest("test", "politics", "--to", "editor@example.com")
    taken = server.taken[0]
    assert len(server.taken) == 1
    assert taken.recipient == "editor@example.com"
    letter = message_from_bytes(taken.content, policy=policy.default)
    assert letter["Subject"].startswith("[TEST] ")
    assert "editor@example.com" not in project.digest("deliveries", "politics/2026-01-01", exit_code=1)


def test_a_refused_reader_is_rejected_in_the_servers_words_and_the_others_get_theirs(project: Project) -> None:
    with SmtpStandin(recipients={"kofi.vance@example.com": "550 5.1.1 no such mailbox"}) as server:
        use_smtp(project, server)
        project.digest("arm")
        printed = project.digest("run", "politics")
        assert len(server.taken) == READERS["politics"] - 1
    edition = next(word for word in printed.split() if word.startswith("politics/"))
    rejected = json.loads(project.digest("deliveries", edition, "--state", "rejected", "--json"))
    assert [row["email"] for row in rejected] == ["kofi.vance@example.com"]
    assert "no such mailbox" in rejected[0]["detail"]


def test_sendgrid_takes_every_letter_once(project: Project) -> None:
    with SendGridStandin() as server:
        use_sendgrid(project, server)
        key = {"SENDGRID_API_KEY": server.api_key}
        project.digest("arm", environment=key)
        project.digest("run", "politics", environment=key)
        project.digest("run", "politics", environment=key)
        taken = server.taken
    assert len(taken) == len({letter.delivery_id for letter in taken}) == READERS["politics"]
    assert all(letter.headers["List-Unsubscribe"].strip("<>") in letter.html for letter in taken)


def test_a_refused_key_holds_the_edition_with_the_reason(project: Project) -> None:
    with SendGridStandin() as server:
        use_sendgrid(project, server)
        project.digest("arm", environment={"SENDGRID_API_KEY": "SG.wrong"})
        printed = project.digest("run", "politics", exit_code=1, environment={"SENDGRID_API_KEY": "SG.wrong"})
        assert "held" in printed
        assert "401" in printed
        assert server.taken == ()


def test_a_missing_key_is_named_before_anything_is_done(project: Project) -> None:
    with SendGridStandin() as server:
        use_sendgrid(project, server)
    printed = project.digest("run", exit_code=1, environment={"SENDGRID_API_KEY": ""})
    assert "SENDGRID_API_KEY is not set" in printed
    assert "SENDGRID_API_KEY" in project.digest("check", exit_code=1, environment={"SENDGRID_API_KEY": ""})


def test_sigterm_finishes_what_is_in_flight_and_the_next_run_goes_on(project: Project) -> None:
    with (project.folder / "subscribers" / "politics.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"reader{number}@example.com\n" for number in range(1500))
    with SmtpStandin() as server:
        use_smtp(project, server)
        project.digest("arm")
        assert COMMAND is not None
        process = subprocess.Popen([COMMAND, "run", "politics"], cwd=project.folder, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: len(server.taken) > 20)
        process.terminate()
        _, errors = process.communicate(timeout=60)
        assert "Stopping" in errors
        edition = json.loads(project.digest("status", "--json"))["editions"][0]["edition"]
        states = Counter(row["state"] for row in json.loads(project.digest("deliveries", edition, "--json")))
        assert set(states) == {"accepted", "queued"}, "nothing is uncertain"
        assert states["accepted"] == len(server.taken)

        project.digest("run", "politics")
        recipients = [message.recipient for message in server.taken]
    assert len(recipients) == len(set(recipients)) == READERS["politics"] + 1500


def test_a_delivery_can_be_stopped_and_looked_at_when_its_sender_can_not_be_made(project: Project) -> None:
    project.digest("run", "politics")
    project.change_config(
        lambda text: (
            text.replace('sender = "outbox"', 'sender = "smtp"')
            + '\n[[delivery.dkim]]\ndomain = "example.com"\nselector = "s"\nkey_file = "missing.pem"\n'
        )
    )
    assert "missing.pem" in project.digest("run", "politics", exit_code=1)
    for command in (("status",), ("audit",), ("hold", "business"), ("cancel", "business"), ("disarm",)):
        project.digest(*command)
