"""Commands on the ledger: list deliveries, settle what is uncertain, try rejected ones again, audit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, say
from digest.cli.status import EDITIONS

if TYPE_CHECKING:
    from datetime import datetime

    from digest.app import App
    from digest.deliver.auditing import Audit, Check
    from digest.model import Delivery


class _EditionFirst(TyperGroup):
    """A group whose first word may be an edition: `digest deliveries EDITION` means `… list EDITION`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if not args or args[0] in own else ["list", *args])


deliveries_app = typer.Typer(
    cls=_EditionFirst,
    help="List an edition's deliveries (`digest deliveries EDITION`), and settle uncertain ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(deliveries_app, name="deliveries")

EditionArgument = Annotated[str, typer.Argument(metavar="EDITION", help="Such as politics/2026-11-24.")]


@deliveries_app.command("list")
def list_(
    edition: EditionArgument,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List an edition's deliveries: one line a reader, and where it stands."""
    from digest.deliver.listing import each_delivery
    from digest.model import DeliveryState

    if state is not None and state not in list(DeliveryState):
        raise typer.BadParameter(f"There is no state '{state}'. Known: {', '.join(DeliveryState)}.")
    with open_app(config, needs_sender=False) as opened:
        _require_edition(opened, edition)
        found = each_delivery(opened.database, edition, DeliveryState(state) if state else None)
        (_print_array if as_json else _print_lines)(islice(found, limit))


def _print_lines(found: Iterable[Delivery]) -> None:
    line = "{:<24}  {:<10}  {:>8}  {:<32}  {}"
    print(line.format("id", "state", "attempts", "email", "detail"))
    for row in found:
        words = " ".join((f"[{row.provider_id}] " if row.provider_id else "").split() + row.detail.split())
        print(line.format(row.id, row.state.value, row.attempts, row.email, words).rstrip())


def _print_array(found: Iterable[Delivery]) -> None:
    """Print one JSON array, an object a line, as they come."""
    opening = "["
    for row in found:
        told = {
            "id": row.id,
            "subscriber": row.subscriber_id,
            "email": row.email,
            "state": row.state.value,
            "attempts": row.attempts,
            "provider id": row.provider_id,
            "detail": row.detail,
            "segment": row.segment,
        }
        print(f"{opening}\n  {json.dumps(told, ensure_ascii=False)}", end="")
        opening = ","
    print("[]" if opening == "[" else "\n]")


@deliveries_app.command()
def resolve(
    edition: EditionArgument,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="All uncertain ones when none.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="They arrived: count them as accepted.")] = False,
    resubmit: Annotated[bool, typer.Option("--resubmit", help="Submit them once more: some may come twice.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Settle an edition's UNCERTAIN deliveries by hand, as accepted or to be submitted again."""
    from digest.cli.operator import who_acts
    from digest.deliver import settling

    if accept == resubmit:
        raise typer.BadParameter("Say one of --accept and --resubmit.")
    with open_app(config, needs_sender=False) as opened:
        now, who = opened.now(), who_acts(opened.host)
        settling.settle_orphans(opened.database, now)
        if accept:
            settled = settling.accept_uncertain(opened.database, edition, ids or (), who=who, now=now)
        else:
            late_at, note = _time_left(opened, edition, now)
            settled = settling.resubmit_uncertain(
                opened.database, edition, ids or (), who=who, now=now, late_at=late_at
            )
        act = "accepted" if accept else "resubmit"
    if as_json:
        print_json({"edition": edition, "act": act, "moved": settled.moved, "unmoved": settled.unmoved})
    else:
        if accept:
            say(f"{edition}: {settled.moved:,} uncertain counted as accepted.")
        else:
            say(f"{edition}: {settled.moved:,} uncertain queued again, each with the Message-ID that it had.")
            _say_next(edition, settled.moved, note)
        for id_ in settled.unmoved:
            say(f"! {id_}: is not an uncertain delivery of {edition}, or its reader was erased.", indent="  ")
    if settled.unmoved:
        raise typer.Exit(1)


@app.command()
def resubmit(
    edition: EditionArgument,
    rejected: Annotated[bool, typer.Option("--rejected", help="Those that the provider refused.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue an edition's rejected deliveries again, and no others."""
    from digest.cli.operator import who_acts
    from digest.deliver.settling import resubmit_rejected

    if not rejected:
        raise typer.BadParameter("Say which: --rejected. Uncertain ones: `digest deliveries resolve`.")
    with open_app(config, needs_sender=False) as opened:
        now = opened.now()
        late_at, note = _time_left(opened, edition, now)
        settled = resubmit_rejected(opened.database, edition, who=who_acts(opened.host), now=now, late_at=late_at)
    if as_json:
        print_json({"edition": edition, "act": "resubmit", "moved": settled.moved})
        return
    say(f"{edition}: {settled.moved:,} rejected queued again.")
    _say_next(edition, settled.moved, note)


def _time_left(opened: App, edition: str, now: datetime) -> tuple[datetime, str]:
    """Return until when the edition may go on, and what to say if its time was over."""
    from datetime import timedelta

    row = _require_edition(opened, edition)
    slack = timedelta(minutes=opened.config.delivery.too_late_minutes)
    was_late_at = row.late_at or row.slot + slack
    if now < was_late_at:
        return now + slack, ""
    return now + slack, f"It was too late since {was_late_at:%Y-%m-%d %H:%M} UTC; now it has {slack} from here."


def _say_next(edition: str, moved: int, note: str) -> None:
    if not moved:
        return
    if note:
        say(note)
    say(f"The next run or alarm goes on with it; `digest resume {edition}` does so now.")


def _require_edition(opened: App, edition: str) -> Any:
    from digest.errors import EditionError
    from digest.store import editions

    row = editions.get_edition(opened.database, edition)
    if row is None:
        raise EditionError(f"There is no edition '{edition}'. `digest status` lists them.")
    return row


@app.command()
def audit(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="EDITION", help="Without any: the newest, and the database's file."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that everyone of a frozen audience is in exactly one state: sums, checks and a hash."""
    from digest.deliver.auditing import audit as audit_edition
    from digest.deliver.auditing import check_database

    with open_app(config, needs_sender=False) as opened:
        file = None if names else check_database(opened.database)
        if file is not None and not as_json:
            _print_check(file, indent="")
        made: list[Audit] = []
        for name in names or _newest(opened):
            made.append(audit_edition(opened.database, name))
            if not as_json:
                _print_audit(made[-1], in_full=bool(names) or made[-1].has_failed)
    if as_json:
        print_json(
            {"database": _check_as_json(file) if file else None, "editions": [_audit_as_json(one) for one in made]}
        )
    if any(one.has_failed for one in made) or (file is not None and file.has_failed):
        raise typer.Exit(1)


def _newest(opened: App) -> Iterator[str]:
    from digest.store import editions

    for row in editions.list_recent(opened.database, limit=EDITIONS):
        if row.candidates is not None:
            yield row.id


def _print_audit(made: Audit, *, in_full: bool) -> None:
    """Print the whole audit, or one line of one in which all is well."""
    if not in_full:
        passed = f"{len(made.checks)} checks"
        print(f"ok      {made.edition_id}  {made.status.value}  {_sum(made)}  {passed}  {made.sha256[:16]}…")
        return
    print(f"{made.edition_id}  {made.status.value}")
    print("  Its audience is not frozen yet." if made.candidates is None else f"  {_sum(made)}")
    rows = [*made.states, *((f"excluded, {why}", count) for why, count in made.exclusions)]
    width = max((len(f"{count:,}") for _, count in rows), default=0)
    for label, count in rows:
        print(f"    {count:>{width},}  {label}")
    for check in made.checks:
        _print_check(check, indent="  ")
    for act in made.acts:
        say(f"by hand {act.at:%Y-%m-%d %H:%M:%S} UTC  {act.who}  {act.kind.value}  {act.detail}".rstrip(), indent="  ")
    print(f"  sha256  {made.sha256}")


def _sum(made: Audit) -> str:
    return f"{made.candidates or 0:,} candidates = {made.deliveries:,} deliveries + {made.excluded:,} exclusions"


def _print_check(check: Check, *, indent: str) -> None:
    if not check.has_failed:
        print(f"{indent}ok      {check.name}")
        return
    more = check.failures - len(check.offenders)
    shown = ", ".join(check.offenders) + (f" and {more:,} more" if more > 0 else "")
    say(f"FAILED  {check.name}: {check.failures:,} ({shown})", indent=indent)


def _audit_as_json(made: Audit) -> dict[str, Any]:
    return {
        "edition": made.edition_id,
        "status": made.status.value,
        "candidates": made.candidates,
        "deliveries": dict(made.states),
        "exclusions": dict(made.exclusions),
        "checks": [_check_as_json(check) for check in made.checks],
        "sha256": made.sha256,
        "acts": [
            {"at": act.at.isoformat(), "who": act.who, "act": act.kind.value, "detail": act.detail} for act in made.acts
        ],
    }


def _check_as_json(check: Check) -> dict[str, Any]:
    return {"check": check.name, "ok": not check.has_failed, "failures": check.failures, "offenders": check.offenders}
