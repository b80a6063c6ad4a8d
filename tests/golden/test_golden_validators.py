"""Every golden letter held against what others wrote: html-validate's rules, and axe-core in light and in dark.

`make validators` fetches both from npm, as tests/validators/package-lock.json names them. Without node, npm or
Chromium these tests are skipped, and say which is missing.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from digest.inspecting.chromium import find_browser, settled

LETTERS = sorted((Path(__file__).parent / "letters").glob("*.html"))
VALIDATORS = Path(__file__).parents[2] / ".cache" / "validators"
CHECK_HTML = Path(__file__).parents[1] / "validators" / "check_html.mjs"
AXE = VALIDATORS / "node_modules" / "axe-core" / "axe.min.js"
_TOLD = re.compile(r'<pre id="told">(.*?)</pre>', re.DOTALL)
_ASK = """<script src="{axe}"></script><script>axe.run(document, {{resultTypes: ['violations']}}).then(told => {{
for (const each of told.violations) if (['serious', 'critical'].includes(each.impact))
  parent.told.push(['{name}', each.id, ...each.nodes.map(node => node.html.slice(0, 160))]);
parent.done('{name}') }})</script></body>"""
_FRAME = '<iframe width="680" height="6000" srcdoc="{letter}"></iframe>'
_PAGE = """<!doctype html><meta charset="utf-8">
<style>:root{{color-scheme:{scheme}}}iframe{{position:absolute;top:0}}</style><script>
var told = [], waiting = new Set({names});
function done(name) {{ waiting.delete(name); if (waiting.size) return; const shown = document.createElement('pre');
shown.id = 'told'; shown.textContent = JSON.stringify(told); document.body.append(shown) }}
</script><body>{frames}"""

installed = pytest.mark.skipif(not AXE.exists(), reason="html-validate and axe-core are not here: `make validators`")


def _serious(letters: dict[str, str], mode: str) -> list[list[str]]:
    """Return what axe-core finds serious in letters, by their names: the name, the rule and each element."""
    frames = []
    for name, letter in letters.items():
        asked = letter.replace("</body>", _ASK.format(axe=AXE.as_uri(), name=name))
        frames.append(_FRAME.format(letter=html.escape(asked)))
    page = _PAGE.format(scheme=mode, names=json.dumps(list(letters)), frames="".join(frames))
    told = _TOLD.search(settled(find_browser(), page, is_dark=mode == "dark"))
    assert told is not None, "axe-core did not answer"
    found: list[list[str]] = json.loads(html.unescape(told[1]))
    return found


@installed
@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
def test_html_validate_finds_no_error_in_any_letter() -> None:
    command = ["node", str(CHECK_HTML), str(VALIDATORS), *map(str, LETTERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    assert len(LETTERS) > 10
    assert json.loads(done.stdout) == []


@installed
@pytest.mark.skipif(not find_browser(), reason="there is no Chromium")
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_letter(mode: str) -> None:
    letters = {path.name.removesuffix(".html"): path.read_text("utf-8") for path in LETTERS}
    # So that silence is an answer: type that is too pale in this mode, and a picture without words.
    muted, pale = {"light": ("#5C5C5C", "#7F7F7F"), "dark": ("#A3A3A0", "#5F5F5F")}[mode]
    letters["pale"] = letters["full"].replace(muted, pale)
    letters["wordless"] = letters["full"].replace(' alt="', ' data-alt="')

    assert sorted({(name, rule) for name, rule, *_ in _serious(letters, mode)}) == [
        ("pale", "color-contrast"),
        ("wordless", "image-alt"),
        ("wordless", "link-name"),
    ]
