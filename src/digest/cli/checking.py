"""`digest check`: every fault of what an operator wrote, found without touching anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.audience import read_list
from digest.cli.starting import EXAMPLE_ADDRESS
from digest.config import READERS_OWN, Config, load_config
from digest.environment import VARIABLES
from digest.errors import ConfigError, DigestError, Fault, ListError, TemplateError
from digest.feedback.signatures import load_verifier
from digest.settings import SourceKind
from digest.trying import WHY_ONE_HOUR
from digest.wiring import open_sender, theme_folder

__all__ = ["find_faults", "require_ready"]

_WEBHOOK_KEY = "delivery.sendgrid.webhook_public_key"


def find_faults(path: Path) -> tuple[Fault, ...]:
    """Return every fault of the project around the configuration at `path`.

    Lists are read even when the configuration can't be: they lie beside it.
    """
    try:
        config = load_config(path)
    except ConfigError as error:
        return (*error.faults, *_list_faults(path.parent / "subscribers"))
    return (
        *_unready_faults(config),
        *_path_faults(config),
        *_theme_faults(config),
        *_sender_faults(config),
        *_model_faults(config),
        *_trial_faults(config),
        *_list_faults(config.path("subscribers"), config),
    )


def _unready_faults(config: Config) -> tuple[Fault, ...]:
    """Return what `digest init` left for the operator to fill in and still stands as it was written."""
    if config.publication.postal_address != EXAMPLE_ADDRESS:
        return ()
    where = f"{config.file.name}: publication.postal_address"
    return (Fault(where, "is the example's.", "Write the publication's own: the law wants it in every email."),)


def require_ready(config: Config) -> None:
    """Pass when nothing of `_unready_faults` is left.

    Raises:
        ConfigError: with all of them.
    """
    if faults := _unready_faults(config):
        raise ConfigError(faults)


def _path_faults(config: Config) -> Iterator[Fault]:
    for number, source in enumerate(config.sources, 1):
        if source.kind is SourceKind.FOLDER and not config.path(source.path).is_dir():
            yield Fault(f"{config.file.name}: sources[{number}].path", f"there is no folder {source.path!r}.")


def _theme_faults(config: Config) -> tuple[Fault, ...]:
    from digest.render import check_theme

    try:
        return check_theme(theme_folder(config))
    except (ConfigError, TemplateError) as error:
        return error.faults


def _sender_faults(config: Config) -> tuple[Fault, ...]:
    try:
        open_sender(config)
        load_verifier(config.delivery.sendgrid.webhook_public_key, f"{config.file.name}: {_WEBHOOK_KEY}")
    except ConfigError as error:
        return error.faults
    except DigestError as error:
        return (Fault(config.file.name, str(error)),)
    return ()


def _model_faults(config: Config) -> Iterator[Fault]:
    told = config.compress.model
    if told is not None and told.key_env and not VARIABLES.get(told.key_env):
        where = f"{config.file.name}: compress.model.key_env"
        hint = "Set it, or name another. Until then takeaways are extracted."
        yield Fault(where, f"the environment variable {told.key_env} is not set.", hint)


def _trial_faults(config: Config) -> Iterator[Fault]:
    for key, section in config.sections.items():
        if section.is_at_readers_hour and "subject_trial" in section.model_fields_set:
            where = f"{config.file.name}: sections.{key}.subject_trial"
            hint = f"Remove it, or give the section one zone for all. {WHY_ONE_HOUR}"
            yield Fault(where, f"is never used with timezone = '{READERS_OWN}'.", hint)


def _list_faults(folder: Path, config: Config | None = None) -> Iterator[Fault]:
    for path in sorted(folder.glob("*.csv")):
        if config is not None and path.stem not in config.sections:
            known = ", ".join(config.sections)
            yield Fault(f"{folder.name}/{path.name}", "belongs to no section.", f"Name it after one: {known}.")
        try:
            yield from read_list(path.read_bytes(), f"{folder.name}/{path.name}").faults
        except (ListError, OSError) as error:
            yield Fault(f"{folder.name}/{path.name}", str(error))
