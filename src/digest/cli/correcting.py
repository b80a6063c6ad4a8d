"""`digest correct`: says of a letter that went out what was wrong in it."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.app import ConfigOption, app, open_app
from digest.errors import EditionError


@app.command()
def correct(
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="Such as politics/2026-11-24.")],
    story: Annotated[str, typer.Argument(metavar="STORY", help="Its id, address or words of its headline.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was wrong, and what is right.")],
    mail: Annotated[bool, typer.Option("--mail", help="Mail it, once, to everyone whose letter was accepted.")] = False,
    config: ConfigOption = None,
) -> None:
    """Put a correction above a letter in the archive, and mail it where that is wanted."""
    from digest.cli.operator import stopped_by_signals, tell, who_acts
    from digest.cli.report import print_run
    from digest.correcting import find_brief, freeze_correction
    from digest.deliver import ledger
    from digest.pipeline import run
    from digest.store import editions
    from digest.store.corrections import put_correction

    text = " ".join(note.split())
    if not text:
        raise typer.BadParameter("Say in --note what was wrong.")
    with open_app(config, needs_sender=mail) as opened:
        content = editions.get_content(opened.database, edition)
        if content is None or not ledger.has_begun(opened.database, edition):
            raise EditionError(
                f"Nothing of {edition} has gone out; `digest drop` and `digest rewrite` change what will, "
                "`digest status` lists the editions."
            )
        brief = find_brief(content, story)
        who = who_acts(opened.host)
        correction = put_correction(opened.database, edition, brief.story.id, text, who=who, now=opened.now())
        print(f"Noted on “{brief.headline}” in the archive: {opened.config.web.base_url}/{edition}")
        if not mail:
            return
        slot = freeze_correction(opened, content, brief, correction)
        report = run(opened, [slot], stop=stopped_by_signals(), tell=tell, is_asked_for=True)
        print_run(report)
    if report.has_failed:
        raise typer.Exit(1)
