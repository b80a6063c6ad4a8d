"""A theme, as loaded: colours, fonts and widths, and the text of its templates. It renders nothing."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Accent", "Fonts", "Logo", "Page", "Palette", "Show", "Theme"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one mode, as #RRGGBB."""

    ink: str
    paper: str
    muted: str
    hairline: str


@dataclass(frozen=True, slots=True)
class Accent:
    """A section's colour in both modes."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Fonts:
    """CSS font stacks; single quotes only."""

    serif: str
    sans: str


@dataclass(frozen=True, slots=True)
class Page:
    """Widths in CSS pixels."""

    width_px: int
    gutter_px: int
    phone_gutter_px: int
    phone_below_px: int
    radius_px: int  # of pictures
    rule_px: int  # of the lines that open a part


@dataclass(frozen=True, slots=True)
class Logo:
    """The masthead's picture, as a web address; "" leaves the wordmark. `dark` is for dark paper, "" for the same."""

    text: str = ""  # the wordmark, and what is read where pictures are off; "": the publication's name
    light: str = ""
    dark: str = ""
    width_px: int = 0
    height_px: int = 0


@dataclass(frozen=True, slots=True)
class Show:
    """What a theme leaves out, whatever the edition has."""

    pictures: bool = True
    lead_body: bool = True
    lead_ins: bool = False  # a takeaway's first words in bold
    mark: str = "■"  # before a takeaway
    numbers: bool = False  # before each story, from 1 for the lead


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as loaded; the files may change afterwards without changing it."""

    name: str
    folder: str  # as messages call it: "templates/classic"
    logo: Logo
    page: Page
    fonts: Fonts
    light: Palette
    dark: Palette
    accents: tuple[tuple[str, Accent], ...]  # by section; "default" is always there
    show: Show
    templates: tuple[tuple[str, str], ...]  # file name → text
    places: tuple[tuple[str, str], ...]  # file name → what messages call it: it may be of a theme that this extends
    fingerprint: str  # of all its files

    def accent(self, section: str) -> Accent:
        accents = dict(self.accents)
        return accents.get(section, accents["default"])

    def place_of(self, template: str) -> str:
        """Return what messages call a template: "templates/classic/head.mjml.j2"."""
        return dict(self.places).get(template, f"{self.folder}/{template}")
