"""An upgrade in mid-edition: the old version is killed, the new one's workers and scheduler start all at once."""

from __future__ import annotations

from collections.abc import Callable

from digest.store.migrations import HEAD
from tests.faults.hands import counting, start_scheduler, start_workers, stop
from tests.faults.harness import Installation, ServerInstallation, many, moved_to_server, until
from tests.faults.sinks import SmtpSink

READERS = many(240, 4000)
PER_SECOND = many(100, 200)
CONNECTIONS = 5
BEFORE = "0014"  # the last version without workers

_JOBS = """
SELECT format('DROP TABLE IF EXISTS %I CASCADE', relname) FROM pg_class
WHERE starts_with(relname, 'procrastinate') AND relkind = 'r'
UNION ALL SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
WHERE starts_with(proname, 'procrastinate')
UNION ALL SELECT format('DROP TYPE IF EXISTS %I CASCADE', typname) FROM pg_type
WHERE starts_with(typname, 'procrastinate') AND typtype IN ('e', 'c') AND typrelid = 0
"""


def go_back(here: ServerInstallation) -> None:
    """Give the database the schema of `BEFORE`, as a version before workers left it."""
    statements = [row[0] for row in here.ask(_JOBS.replace("%", "%%"))]
    statements += ["DROP TYPE IF EXISTS procrastinate_job_to_defer_v1 CASCADE"]
    statements += ["ALTER TABLE deliveries DROP COLUMN holder", "DROP TABLE workers, paces"]
    statements += [f"UPDATE alembic_version SET version_num = '{BEFORE}'"]  # noqa: S608
    for statement in statements:
        here.change(statement)


def test_an_edition_that_an_earlier_version_began_is_gone_on_with_by_workers(
    installed: Callable[..., Installation], postgres_database: str, tell: Callable[..., None]
) -> None:
    dots: list[str] = []
    with SmtpSink(counting(dots)) as sink:
        source = installed(sink, readers=READERS, per_second=PER_SECOND, connections=CONNECTIONS)
        here = moved_to_server(source, postgres_database)
        old = here.start("run", "politics")
        until(lambda: len(dots) > READERS // 6)
        old.kill()
        old.communicate()
        assert here.status() == "sending"
        go_back(here)
        workers = [here.start("worker") for _ in range(2)]
        scheduler, _ = start_scheduler(here)
        until(lambda: here.ask("SELECT version_num FROM alembic_version") == [(HEAD,)])
        until(lambda: len(dots) > READERS // 2)
        newer = [*start_workers(here, 2), start_scheduler(here)[0]]
        stop([*workers, scheduler])
        until(lambda: here.status() == "done")
        stop(newer)
        audited = here.digest("audit")
        tally = here.tally(sink)
    tell(tally)
    tally.require(uncertain_at_most=CONNECTIONS)
    assert audited.code == 0, audited.printed
