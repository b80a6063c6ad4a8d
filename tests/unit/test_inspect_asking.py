"""Dead links, DNS, signatures, the page: what the inbox lab does beyond reading the letter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from digest.deliver.dkim import Signer, load_signers
from digest.inspecting import Level, Specimen, Topic, inspect_letter
from digest.inspecting.asking import dns_findings, reachability_findings
from digest.inspecting.chromium import find_browser
from digest.inspecting.facts import CLIENTS, known_features, names_of
from digest.inspecting.gallery import draw
from digest.inspecting.markup import read_page
from digest.inspecting.report import Exhibit, as_data, report_page
from digest.inspecting.support import uses_of
from digest.settings import DkimSettings
from tests.unit.inspect_setup import found, specimen_of


class _Site(BaseHTTPRequestHandler):
    """/NNN answers NNN, 203 with much; /get-only refuses HEAD."""

    def do_HEAD(self) -> None:
        self._answer(405 if self.path == "/get-only" else int(self.path[1:]))

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/get-only" else int(self.path[1:]))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        is_heavy = self.path == "/203" and self.command == "HEAD"
        self.send_header("Content-Length", "400000" if is_heavy else "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_dead_links_are_errors_and_guarded_ones_notes(site: str) -> None:
    links = [(f"{site}/{path}", line) for line, path in enumerate(("200", "get-only", "404", "403"), 1)]
    told = list(reachability_findings([*links, ("http://127.0.0.1:9/", 9)]))
    assert [(finding.level, finding.where) for finding in told] == [
        (Level.ERROR, "html:3"),
        (Level.NOTE, "html:4"),
        (Level.ERROR, "html:9"),
    ]
    assert "it answers 404" in told[0].what


def test_heavy_and_lost_pictures_are_told(site: str) -> None:
    told = list(reachability_findings([(f"{site}/200", 1), (f"{site}/203", 2), (f"{site}/410", 3)], pictures=True))
    assert [(finding.level, finding.topic, finding.where) for finding in told] == [
        (Level.WARNING, Topic.WEIGHT, "html:2"),
        (Level.ERROR, Topic.PICTURES, "html:3"),
    ]


def test_the_readers_own_links_are_never_followed() -> None:
    specimen = specimen_of()
    assert all(own in specimen.html for own in specimen.own_links)
    addresses = {address for address, _ in inspect_letter(specimen).links}
    assert addresses
    assert not addresses & specimen.own_links


def test_dns_says_what_is_missing_and_what_to_publish() -> None:
    zone = {
        "news.example.com": ("v=spf1 include:a.example ~all", "v=spf1 -all"),
        "_dmarc.example.com": ("v=DMARC1; p=none",),
        "a._domainkey.example.com": ("v=DKIM1; k=rsa; p=AB CD",),
    }
    keys = [("a._domainkey.example.com", "v=DKIM1; k=rsa; p=ABCD"), ("b._domainkey.example.com", "v=DKIM1; p=XY")]
    told = list(dns_findings("news.example.com", lambda name: zone.get(name, ()), keys))
    assert [(finding.level, finding.what.split(";")[0]) for finding in told] == [
        (Level.ERROR, "There are 2 SPF records"),
        (Level.NOTE, "There is a DMARC record."),
        (Level.NOTE, "DNS has the key that signs."),
        (Level.ERROR, "The key that signs is not in DNS, so no receiver can verify the signature."),
    ]
    missing = list(dns_findings("example.com", lambda name: ()))
    assert [finding.level for finding in missing] == [Level.ERROR, Level.ERROR]
    assert "v=DMARC1; p=none" in missing[1].hint
    unknown = list(dns_findings("example.com", lambda name: None, keys[:1]))
    assert [finding.level for finding in unknown] == [Level.NOTE] * 3


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, ...]:
    folder = tmp_path_factory.mktemp("keys")
    keys: dict[str, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey] = {
        "one": rsa.generate_private_key(65537, 2048),
        "two": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, key in keys.items():
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / name).write_bytes(pem)
        (folder / name).chmod(0o600)
    told = [DkimSettings(domain="sample.example", selector=name, key_file=name) for name in keys]
    return load_signers(told, lambda name: folder / name, {})


def signature_findings(specimen: Specimen) -> list[str]:
    return [finding.what for finding in found(specimen) if "DKIM-Signature" in finding.where]


def test_our_signatures_verify_and_a_changed_letter_does_not(signers: tuple[Signer, ...]) -> None:
    specimen = specimen_of(signers=signers)
    assert signature_findings(specimen) == [
        "The signature verifies (rsa-sha256).",
        "The signature verifies (ed25519-sha256).",
    ]
    body = replace(specimen, message=specimen.message.replace(b"Top stories", b"Top tales"))
    assert all("the body is not what was signed" in what for what in signature_findings(body))
    head = replace(specimen, message=specimen.message.replace(b"Subject: A", b"Subject: B"))
    assert all("the header fields are not" in what for what in signature_findings(head))
    other = replace(signers[0], domain="other.example")
    told = signature_findings(replace(specimen, signers=(other,)))
    assert any("there is none" in what for what in told)
    assert any("does not speak for sample.example" in what for what in told)


def test_the_page_needs_nothing_beside_itself_and_escapes_what_it_shows() -> None:
    inspection = inspect_letter(specimen_of())
    page = report_page([Exhibit(inspection, no_gallery="No browser.")])
    assert "A sample of &lt;subjects&gt; &amp; more" in page
    assert "No browser." in page
    assert "<script" not in page
    assert "<link" not in page
    assert "src=" not in page
    data = as_data(inspection)
    assert json.loads(json.dumps(data))["errors"] == 0
    assert data["bytes"]["text/html"] <= 80_000


def test_clients_are_named_by_family() -> None:
    wanted = [client for client in CLIENTS if client.family in ("Gmail", "Thunderbird")]
    assert names_of(wanted) == "Gmail (web, Android, iOS), Thunderbird"
    assert abs(sum(client.share for client in CLIENTS) - 1) < 0.011
    assert all(any(client.key in each.support for each in known_features().values()) for client in CLIENTS)


@pytest.mark.skipif(not find_browser(), reason="no Chromium is installed")
def test_a_browser_draws_six_pictures() -> None:
    shots = draw(specimen_of().html, find_browser())
    assert [(shot.title, shot.width) for shot in shots] == [
        ("Phone", 375),
        ("Phone, dark", 375),
        ("Phone, images off", 375),
        ("Phone, text at 200 %", 375),
        ("Desktop", 680),
        ("Desktop, dark", 680),
    ]
    assert all(shot.png.startswith(b"\x89PNG") for shot in shots)
    assert all(shot.needed_width <= shot.width for shot in shots)


CHECKER = os.environ.get("DIGEST_CANIEMAIL", "")  # a folder where `npm install caniemail` was run
_ASK = """
import { caniemail } from 'caniemail'; import fs from 'fs';
const html = fs.readFileSync(process.argv[2], 'utf8');
const told = caniemail({ clients: ['gmail.*', 'outlook.*', 'apple-mail.*'], html });
console.log(JSON.stringify([...told.issues.errors.values()].flat().map(issue => issue.title)));
"""


@pytest.mark.skipif(not CHECKER or not shutil.which("node"), reason="DIGEST_CANIEMAIL names no npm package caniemail")
@pytest.mark.parametrize("theme", ["classic", "brief", "plain"])
def test_another_checker_finds_no_feature_that_we_miss(theme: str, tmp_path: Path) -> None:
    specimen = specimen_of(theme=theme)
    letter, script = tmp_path / "letter.html", Path(CHECKER) / "ask.mjs"
    letter.write_text(specimen.html, "utf-8")
    script.write_text(_ASK, "utf-8")
    done = subprocess.run(["node", str(script), str(letter)], check=True, capture_output=True, text=True, timeout=60)
    ours = {use.feature.title for use in uses_of(read_page(specimen.html))}
    # It takes text-transform for transform, and a class below a class for two classes of one element.
    assert set(json.loads(done.stdout)) - ours <= {"transform", "Chaining selectors"}
