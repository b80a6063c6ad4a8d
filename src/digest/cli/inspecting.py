"""`digest inspect`: the inbox lab, in the terminal, as data and as one page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, say
from digest.environment import VARIABLES
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.app import App
    from digest.inspecting import Finding, Inspection, Specimen
    from digest.model import Edition, Letter

_MARKS = {"error": "✗", "warning": "!", "note": "·"}


@app.command()
def inspect(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[EDITION|SECTION]", help="politics/2026-11-24, or today's of a section; all if none."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the page there.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Also follow the links, load pictures, and ask DNS of the sender.")
    ] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Print what is only good to know, too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a letter against mail programs, the law and readers' eyes: exit 1 when there is an error."""
    from digest.inspecting.report import as_data

    with open_app(config, needs_sender=False) as opened:
        wanted = [name] if name else list(opened.config.sections)
        inspections = [_inspected(opened, each, online=online) for each in wanted]
    if as_json:
        print_json([as_data(inspection) for inspection in inspections])
    else:
        for inspection in inspections:
            _print(inspection, notes=notes)
    if open_ or output is not None:
        _write_page(inspections, output or Path("inspection.html"), online=online, open_=open_, quiet=as_json)
    if any(finding.level == "error" for inspection in inspections for finding in inspection.findings):
        raise typer.Exit(1)


def _inspected(opened: App, name: str, *, online: bool) -> Inspection:
    from digest.inspecting import inspect_letter
    from digest.inspecting.asking import dns_findings, look_up_txt, reachability_findings
    from digest.inspecting.authentication import sender_domain
    from digest.inspecting.inspection import sorted_findings

    edition, letter = _edition_and_letter(opened, name)
    specimen, faults = _specimen(opened, edition, letter)
    inspection = inspect_letter(specimen)
    found = [*inspection.findings, *faults]
    if online:
        pages = edition.publication.base_url or "-"  # ours: the letter's own is there once it is frozen and served
        links = [link for link in inspection.links if not link[0].startswith(f"{pages}/")]
        found.extend(reachability_findings(links))
        found.extend(reachability_findings(inspection.pictures, pictures=True))
        keys = [(signer.record_name, signer.record) for signer in specimen.signers]
        found.extend(dns_findings(sender_domain(specimen), look_up_txt, keys))
    return replace(inspection, findings=sorted_findings(tuple(found)))


def _edition_and_letter(opened: App, name: str) -> tuple[Edition, Letter]:
    from digest.cli.editing import edition_and_letter
    from digest.errors import EditionError
    from digest.store import editions

    if "/" not in name:
        return edition_and_letter(opened, name)
    letter, edition = editions.get_letter(opened.database, name), editions.get_content(opened.database, name)
    if letter is None or edition is None:
        raise EditionError(
            f"{name}: no letter is kept of it. `digest status` lists editions; name a section for today."
        )
    return edition, letter


def _specimen(opened: App, edition: Edition, letter: Letter) -> tuple[Specimen, list[Finding]]:
    """Return the letter as nobody would get it: links of subscriber 0, which are signed and change nothing."""
    from digest.deliver.dkim import load_signers
    from digest.deliver.envelope import encode_letter
    from digest.errors import DeliveryError
    from digest.inspecting import Finding, Level, Specimen, Topic
    from digest.model import Addressed, Blank, Delivery

    reader = Addressed(
        Delivery(id="inspect", edition_id=edition.id, subscriber_id=0, email="reader@example.com"),
        unsubscribe_url=opened.links.unsubscribe_url(0, edition.section),
        preferences_url=opened.links.preferences_url(0),
    )
    faults = []
    try:
        signers = load_signers(opened.config.delivery.dkim, opened.config.path, VARIABLES)
        message = encode_letter(letter, signers).message(reader)
    except DeliveryError as error:
        faults.append(Finding(Level.ERROR, Topic.AUTHENTICATION, str(error), "config.toml"))
        signers = ()
        message = encode_letter(letter).message(reader)
    html, text = letter.html, letter.text
    for blank in Blank:
        html = html.replace(letter.token(blank), reader.value(blank))
        text = text.replace(letter.token(blank), reader.value(blank))
    last = _last_subject(opened, edition)
    own = (reader.unsubscribe_url, reader.preferences_url)
    return Specimen(edition, letter, html, text, message, *own, signers=signers, last_subject=last), faults


def _last_subject(opened: App, edition: Edition) -> str:
    from digest.store import editions

    for row in editions.list_editions(opened.database, edition.section):
        letter = editions.get_letter(opened.database, row.id) if row.id < edition.id else None
        if letter is not None:
            return letter.subject
    return ""


def _print(inspection: Inspection, *, notes: bool) -> None:
    edition = inspection.specimen.edition
    print(f"{edition.id}: {inspection.specimen.letter.subject}")
    print("  " + ", ".join(f"{part.name} {part.size:,}" for part in inspection.parts) + " bytes")
    for finding in inspection.findings:
        if notes or finding.level != "note":
            value = f" ({finding.value})" if finding.value else ""
            say(f"{_MARKS[finding.level]} {finding.topic}: {finding}{value}", indent="  ")
    told = [(level, sum(finding.level == level for finding in inspection.findings)) for level in _MARKS]
    print("  " + ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in told) + ".")


def _write_page(inspections: list[Inspection], output: Path, *, online: bool, open_: bool, quiet: bool) -> None:
    from digest.inspecting.chromium import find_browser
    from digest.inspecting.gallery import draw
    from digest.inspecting.report import Exhibit, report_page

    browser = find_browser()
    exhibits = []
    for inspection in inspections:
        shots = draw(inspection.specimen.html, browser, online=online) if browser else ()
        why = "Chromium could not draw the letter." if browser else "There are no pictures: no Chromium is installed."
        exhibits.append(Exhibit(inspection, shots, "" if shots else why))
    try:
        output.write_text(report_page(exhibits), "utf-8", "replace", newline="")
    except OSError as error:
        raise DigestError(f"{output}: can't be written: {error.strerror}. Choose another with -o.") from error
    if not quiet:
        print(output)
    if open_:
        import webbrowser

        webbrowser.open(output.resolve().as_uri())
