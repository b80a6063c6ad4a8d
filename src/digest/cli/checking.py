"""`digest check`: every fault of what an operator wrote, found without touching anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.audience import read_list
from digest.config import Config, load_config
from digest.errors import ConfigError, DeliveryError, DigestError, Fault, ListError, TemplateError
from digest.settings import PopularityKind, SourceKind
from digest.wiring import open_sender, theme_folder

__all__ = ["find_faults"]


def find_faults(path: Path) -> tuple[Fault, ...]:
    """Return every fault of the project around the configuration at `path`.

    Lists are read even when the configuration can't be: they lie beside it.
    """
    try:
        config = load_config(path)
    except ConfigError as error:
        return (*error.faults, *_list_faults(path.parent / "subscribers"))
    return (
        *_path_faults(config),
        *_theme_faults(config),
        *_sender_faults(config),
        *_list_faults(config.path("subscribers"), config),
    )


def _path_faults(config: Config) -> Iterator[Fault]:
    for number, source in enumerate(config.sources, 1):
        if source.kind is SourceKind.FOLDER and not config.path(source.path).is_dir():
            yield Fault(f"config.toml: sources[{number}].path", f"there is no folder {source.path!r}.")
    for number, popular in enumerate(config.popularity.inputs, 1):
        reads_file = popular.kind in (PopularityKind.ACCESS_LOG, PopularityKind.CSV)
        if reads_file and not config.path(popular.path).exists():
            yield Fault(
                f"config.toml: popularity.inputs[{number}].path",
                f"there is no file {popular.path!r}.",
                "Until there is, the next input is used.",
            )


def _theme_faults(config: Config) -> tuple[Fault, ...]:
    from digest.render import check_theme

    try:
        return check_theme(theme_folder(config))
    except (ConfigError, TemplateError) as error:
        return error.faults


def _sender_faults(config: Config) -> Iterator[Fault]:
    try:
        open_sender(config)
    except DeliveryError as error:
        where, _, problem = str(error).partition(": ")
        key, _, problem = problem.partition(": ")
        yield Fault(f"{where}: {key}", problem)
    except DigestError as error:
        yield Fault("config.toml: delivery", str(error))


def _list_faults(folder: Path, config: Config | None = None) -> Iterator[Fault]:
    for path in sorted(folder.glob("*.csv")):
        if config is not None and path.stem not in config.sections:
            known = ", ".join(config.sections)
            yield Fault(f"{folder.name}/{path.name}", "belongs to no section.", f"Name it after one: {known}.")
        try:
            yield from read_list(path.read_bytes(), f"{folder.name}/{path.name}").faults
        except (ListError, OSError) as error:
            yield Fault(f"{folder.name}/{path.name}", str(error))
