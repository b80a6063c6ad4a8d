"""Which features of HTML and CSS a letter uses, and for how many readers each does nothing.

What Outlook on Windows alone reads, in its conditional comments, is looked at in `outlook`. A feature whose loss leaves
a letter whole is a note; one that carries the layout is an error where it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from digest.inspecting.facts import CLIENTS, Feature, known_features, names_of, share_without
from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.markup import declarations, rules_of

__all__ = ["Use", "support_findings", "uses_of"]

_MANY = 0.20  # of readers: beyond it the loss is worth a warning
_NONE = 0.005

# Without these a letter falls apart or lacks what it says.
_CARRIES = frozenset(
    "css-display-flex css-display-grid css-position css-variables css-inset html-svg html-video html-audio html-form "
    "html-input-text html-input-submit html-button-submit html-select html-textarea html-link css-at-import "
    "css-grid-template html-image-maps css-nesting css-function-clamp css-function-min css-function-max "
    "image-webp image-avif image-svg image-base64 css-unit-calc".split()
)
# Without these it looks plainer, and reads the same.
_GRACE: Mapping[str, str] = {
    "css-text-wrap": "Headlines break elsewhere.",
    "css-text-underline-offset": "Underlines sit closer.",
    "css-text-decoration-thickness": "Underlines are thicker.",
    "css-text-decoration-color": "Underlines have the text's colour.",
    "css-pseudo-class-hover": "Nothing shows under the pointer; phones have none.",
    "css-at-media-prefers-color-scheme": "The program darkens the letter itself, or shows it light.",
    "css-color-scheme": "The program darkens the letter itself, or shows it light.",
    "html-meta-color-scheme": "The program darkens the letter itself, or shows it light.",
    "css-border-radius": "Corners are square.",
    "css-max-width": "Outlook on Windows reads the widths of its own tables.",
    "css-max-height": "What is hidden is hidden by display too.",
    "css-opacity": "What is hidden is hidden by display too.",
    "css-overflow": "What is hidden is hidden by display too.",
    "css-at-media": "The letter is one column either way.",
    "css-overflow-wrap": "A very long word may widen its column.",
    "css-word-break": "A very long word may widen its column.",
    "css-selector-attribute": "Only Outlook's own dark mode needs it.",
    "html-role": "Screen readers meet tables as tables.",
    "html-aria-label": "Screen readers say the sign itself.",
    "css-letter-spacing": "Labels are set closer.",
    "css-outline": "Pictures may get a frame.",
    "html-semantics": "It is shown as a plain box.",
    "css-system-ui": "Another font of the stack is taken.",
    "css-sytem-ui": "Another font of the stack is taken.",
    "css-unit-vh": "Heights are the text's.",
    "html-lang": "Screen readers take their own language.",
    "html-doctype": "The program shows the letter in its own page.",
    "html-anchor-links": "The contents list leads nowhere and still reads as one.",
    "css-display-none": "The preheader is tiny and has the paper's colour too.",
    "css-object-fit": "Pictures are stretched to their width and height.",
    "css-aspect-ratio": "Pictures keep the shape in which they are served.",
    "html-aria-hidden": "Screen readers say ornaments too.",
    "css-word-spacing": "It only undoes what programs don't do.",
    "html-body": "Its styles stand on the letter's first box too.",
    "html-style": "Inlined styles hold.",
    "css-selector-class": "Inlined styles hold.",
    "css-selector-descendant": "Inlined styles hold.",
    "css-selector-id": "Inlined styles hold.",
    "css-selector-type": "Inlined styles hold.",
    "html-dir": "Tables name their direction by style.",
    "css-height": "Rows are as tall as their text.",
    "css-margin": "Distances stand in table cells too.",
    "css-padding": "Distances stand in table cells too.",
    "html-h1-h6": "They are shown by their inline styles.",
    "css-background-color": "The paper is white.",
    "css-important": "Inlined styles hold.",
}

_UNIT = re.compile(r"(?<![\w#.-])-?\d*\.?\d+(px|em|rem|ex|ch|cm|mm|in|pt|pc|vh|vw|vmin|vmax|%)(?![\w-])")
_FUNCTION = re.compile(r"([a-z-]+)\(")
_PSEUDO = re.compile(r"(::?)([a-z-]+)")
_FUNCTIONS = {
    "calc": "css-unit-calc", "clamp": "css-function-clamp", "min": "css-function-min", "max": "css-function-max",
    "light-dark": "css-function-light-dark", "var": "css-variables", "rgb": "css-rgb", "rgba": "css-rgba",
    "linear-gradient": "css-linear-gradient", "radial-gradient": "css-radial-gradient",
    "conic-gradient": "css-conic-gradient",
}  # fmt: skip
_DISPLAYS = {"flex": "css-display-flex", "grid": "css-display-grid", "none": "css-display-none"}
_TAGS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "li", "dl"), "html-lists"),
    **dict.fromkeys("article aside details figcaption figure footer header main mark nav section summary time".split(),
                    "html-semantics"),
    "b": "html-strong", "i": "", "button": "html-button-submit", "map": "html-image-maps", "form": "html-form",
}  # fmt: skip
_MEDIA = {
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
    "orientation": "css-at-media-orientation",
    "hover": "css-at-media-hover",
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
}
_LOGICAL = {"css-margin-inline-start-end": ("margin-inline-start", "margin-inline-end")}


@dataclass(frozen=True, slots=True)
class Use:
    """A feature that the letter uses, with the lines of the HTML where it does."""

    feature: Feature
    lines: tuple[int, ...]


def uses_of(page: Any) -> tuple[Use, ...]:
    """Return the features that a letter uses, those first that most readers go without."""
    known = known_features()
    lines: dict[str, set[int]] = {}
    for slug, line in (*_in_elements(page), *_in_rules(page)):
        if slug in known:
            lines.setdefault(slug, set()).add(line)
    uses = (Use(known[slug], tuple(sorted(at))) for slug, at in lines.items())
    return tuple(sorted(uses, key=lambda use: (-share_without(use.feature), use.feature.slug)))


def support_findings(uses: tuple[Use, ...]) -> Iterator[Finding]:
    """Say of each feature who goes without it."""
    for use in uses:
        share, feature = share_without(use.feature), use.feature
        if share < _NONE:
            continue
        without = [client for client in CLIENTS if feature.support.get(client.key) == "n"]
        if feature.slug in _CARRIES:
            level, hint = Level.ERROR, "The layout leans on it: use tables and inline styles instead."
        elif feature.slug in _GRACE:
            level, hint = Level.NOTE, _GRACE[feature.slug]
        else:
            level = Level.WARNING if share >= _MANY else Level.NOTE
            hint = "See to it that the letter reads well without."
        what = f"{feature.title}: about {share:.0%} of readers go without, in {names_of(without)}."
        at = ", ".join(map(str, use.lines[:6])) + (", …" if len(use.lines) > 6 else "")
        yield Finding(level, Topic.SUPPORT, what, f"html:{at}", feature.slug, hint)


def _in_elements(page: Any) -> Iterator[tuple[str, int]]:
    yield "html-doctype", 1
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        line = element.sourceline or 0
        yield _TAGS.get(element.tag, f"html-{element.tag}"), line
        for name, value in element.attrib.items():
            if name == "style":
                for told, given in declarations(value):
                    yield from ((slug, line) for slug in _of_declaration(told, given))
            elif name == "href" and value.startswith("mailto:"):
                yield "html-mailto-links", line
            elif name == "href" and value.startswith("#"):
                yield "html-anchor-links", line
            elif name == "loading":
                yield "html-loading-attribute", line
            elif name == "name" and value == "color-scheme":
                yield "html-meta-color-scheme", line
            elif element.tag == "img" and name == "src":
                yield from ((slug, line) for slug in _of_picture(value))
            else:
                yield f"html-{name}", line


def _of_picture(address: str) -> Iterator[str]:
    if address.startswith("data:"):
        yield "image-base64"
    suffix = address.partition("?")[0].rpartition(".")[2].lower()
    yield f"image-{'jpg' if suffix == 'jpeg' else suffix}"


def _in_rules(page: Any) -> Iterator[tuple[str, int]]:
    for rule in rules_of(page):
        if rule.media:
            yield "css-at-media", rule.line
            yield from ((slug, rule.line) for word, slug in _MEDIA.items() if word in rule.media)
        if rule.selector.startswith("@"):
            name = rule.selector.split()[0].lstrip("@")
            yield f"css-at-{name}", rule.line
        else:
            yield from ((slug, rule.line) for slug in _of_selector(rule.selector))
        for name, value in rule.declarations:
            yield from ((slug, rule.line) for slug in _of_declaration(name, value))


def _of_selector(selector: str) -> Iterator[str]:
    if "[" in selector:
        yield "css-selector-attribute"
    plain = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", selector)
    if " " in plain:
        yield "css-selector-descendant"
    for sign, slug in ((">", "child"), ("+", "adjacent-sibling"), ("~", "general-sibling"), ("*", "universal")):
        if sign in plain:
            yield f"css-selector-{slug}"
    if re.search(r"(^|[\s>+~])[a-z]", plain):
        yield "css-selector-type"
    if re.search(r"\w[.#]", plain):
        yield "css-selector-chaining"
    for sign, slug in ((".", "class"), ("#", "id")):
        if sign in plain:
            yield f"css-selector-{slug}"
    for colons, name in _PSEUDO.findall(selector):
        yield f"css-pseudo-{'element' if len(colons) == 2 else 'class'}-{name}"


def _of_declaration(name: str, value: str) -> Iterator[str]:
    if name.startswith("-") and not name.startswith("--"):
        return  # one maker's own, beside the standard's
    yield "css-variables" if name.startswith("--") else _slug_of(name)
    bare = value.removesuffix("!important").strip()
    if bare != value:
        yield "css-important"
    if name == "display" and bare.removeprefix("inline-") in _DISPLAYS:
        yield _DISPLAYS[bare.removeprefix("inline-")]
    for unit in _UNIT.findall(bare):
        yield "css-unit-percent" if unit == "%" else f"css-unit-{unit}"
    for function in _FUNCTION.findall(bare):
        if function in _FUNCTIONS:
            yield _FUNCTIONS[function]


def _slug_of(name: str) -> str:
    for slug, names in _LOGICAL.items():
        if name in names:
            return slug
    for short in ("padding", "margin", "border"):
        if re.fullmatch(rf"{short}-(top|right|bottom|left)(-(color|style|width))?", name):
            return f"css-{short}"
    if name in ("left", "right", "top", "bottom"):
        return "css-left-right-top-bottom"
    if name in ("word-wrap", "overflow-wrap"):
        return "css-overflow-wrap"
    return f"css-{name}"
