"""A letter as nobody would get it, and the same letter spoiled in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from digest.deliver.dkim import Signer
from digest.deliver.envelope import encode_letter
from digest.inspecting import Finding, Level, Specimen, inspect_letter
from digest.model import Addressed, Blank, Delivery, Edition
from digest.render import render
from digest.render.sample import FULL

__all__ = ["Spoil", "found", "in_html", "in_message", "in_text", "specimen_of"]

Spoil = Callable[[Specimen], Specimen]

UNSUBSCRIBE, PREFERENCES = "https://news.sample.example/u/abc", "https://news.sample.example/p/abc"


def specimen_of(edition: Edition = FULL, theme: str = "classic", signers: Sequence[Signer] = ()) -> Specimen:
    letter = render(edition, theme)
    reader = Addressed(Delivery("inspect", edition.id, 0, "reader@example.com"), UNSUBSCRIBE, PREFERENCES)
    html, text = letter.html, letter.text
    for blank in Blank:
        html = html.replace(letter.token(blank), reader.value(blank))
        text = text.replace(letter.token(blank), reader.value(blank))
    message = encode_letter(letter, signers).message(reader)
    return Specimen(edition, letter, html, text, message, UNSUBSCRIBE, PREFERENCES, tuple(signers))


def found(specimen: Specimen, level: Level | None = None) -> tuple[Finding, ...]:
    return tuple(each for each in inspect_letter(specimen).findings if level is None or each.level is level)


def in_html(old: str, new: str) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        assert old in specimen.html
        return replace(specimen, html=specimen.html.replace(old, new))

    return spoil


def in_text(old: str, new: str) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        assert old in specimen.text
        return replace(specimen, text=specimen.text.replace(old, new))

    return spoil


def in_message(old: bytes, new: bytes) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        assert old in specimen.message
        return replace(specimen, message=specimen.message.replace(old, new))

    return spoil
