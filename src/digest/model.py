"""The nouns: what the stages hand to each other.

Frozen dataclasses of tuples and aware UTC datetimes, in the order in which one edition meets them.
Nothing here knows a file, a network or a clock. `None` means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.canonical import story_id

# --- collect ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """One published article.

    `text` is what is read and cited: its paragraphs, sub-heads included, parted by blank lines.
    """

    url: str
    title: str
    id: str = ""  # from the canonical url when not given
    source: str = ""  # the name of the source that brought it
    text: str = ""
    paragraphs: tuple[str, ...] = ()
    subheads: tuple[int, ...] = ()  # which of `paragraphs` are sub-heads
    summary: str = ""  # the standfirst
    takeaways_given: tuple[str, ...] = ()  # the page's own "Key takeaways" block
    authors: tuple[str, ...] = ()
    section: str = ""  # the publisher's label, then the section's key once assigned
    language: str = ""  # BCP 47, "" unknown
    published_at: datetime | None = None
    updated_at: datetime | None = None
    fetched_at: datetime | None = None
    image_url: str = ""
    image_alt: str = ""
    image_credit: str = ""
    position: int | None = None  # place on its page or in its feed, from 1
    guid: str = ""  # the id that its feed gives it beside its address: it stays when the address changes
    site_name: str = ""  # what its page calls the publication

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", story_id(self.url))


class Prominence(StrEnum):
    """How large a front page shows a link."""

    LEAD = "lead"
    GRID = "grid"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Link:
    """A story as a front page names it; `position` counts from 1 in reading order."""

    title: str
    url: str
    position: int
    prominence: Prominence = Prominence.LIST


@dataclass(frozen=True, slots=True)
class FrontPage:
    """A home or section page: its story links, and its own Most Popular block."""

    url: str
    stories: tuple[Link, ...] = ()
    popular: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, `start` inclusive and `end` exclusive."""

    start: datetime
    end: datetime

    @property
    def middle(self) -> datetime:
        return self.start + (self.end - self.start) / 2


@dataclass(frozen=True, slots=True)
class Popularity:
    """How often a URL was read within a window: one bucket of one input.

    An input that gives only an order sets `rank` (from 1) and leaves `views` at 0.
    """

    url: str
    views: float
    window: Window
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather for the masthead, as observed at `observed_at`."""

    temperature: float
    unit: str  # "°C" or "°F"
    condition: Condition
    observed_at: datetime


class Condition(StrEnum):
    """What the sky does, as coarse as a small drawing can show it."""

    CLEAR = "clear"
    CLEAR_NIGHT = "clear-night"
    PARTLY_CLOUDY = "partly-cloudy"
    CLOUDY = "cloudy"
    FOG = "fog"
    RAIN = "rain"
    SNOW = "snow"
    THUNDER = "thunder"


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something a source could not give. It is reported; it never fails an edition."""

    source: str
    what: str
    hint: str = ""
    url: str = ""

    def __str__(self) -> str:
        at = f" ({self.url})" if self.url else ""
        return f"{self.source}{at}: {self.what}" + (f" {self.hint}" if self.hint else "")


# --- select -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cluster:
    """The stories of one event; the newest version leads."""

    lead: Story
    others: tuple[Story, ...] = ()

    @property
    def stories(self) -> tuple[Story, ...]:
        return (self.lead, *self.others)


@dataclass(frozen=True, slots=True)
class Reason:
    """A named part of a score, and in words what it rests on."""

    name: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A cluster and why it stands where it does: the reasons' values add up to the score."""

    cluster: Cluster
    score: float
    reasons: tuple[Reason, ...] = ()
    popularity: float = 0.0  # decayed views, or 0 when nothing is known
    parts: tuple[tuple[str, float], ...] = ()  # what is known, by names of weights, each 0 to 1 before it is weighed
    clicks: float = 0.0  # decayed clicks in earlier letters: between equals, and never a part of the score


@dataclass(frozen=True, slots=True)
class Used:
    """A story that an edition carried, and when that went out."""

    story_id: str
    at: datetime
    edition_id: str = ""
    opening: str = ""  # of the version that went out, as `canonical.opening_of` tells it; "" unknown


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An editor's own words for a story; what is empty stays as it was made."""

    headline: str = ""
    takeaways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
    """What editors decided about one edition. Stories are told by their ids; the rest is left to the rules."""

    pins: tuple[tuple[str, int | None], ...] = ()  # with its place, 1 for the lead; None: the first that is free
    dropped: frozenset[str] = frozenset()  # wins over a pin
    boosts: Mapping[str, float] = field(default_factory=dict)  # added to the score
    rewrites: Mapping[str, Rewrite] = field(default_factory=dict)
    subject: str = ""
    preheader: str = ""
    note: str = ""
    other_subject: str = ""  # tried beside the first on a part of the audience


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster that is not in the edition, and the rule that kept it out."""

    cluster: Cluster
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What one edition carries, in order. A cluster stands in one of the four; popular may repeat the top."""

    lead: Pick | None
    top: tuple[Pick, ...]  # after the lead
    popular: tuple[Pick, ...]
    more: tuple[Pick, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()  # rules that were relaxed and the like, for the run's report

    @property
    def picks(self) -> tuple[Pick, ...]:
        return (*((self.lead,) if self.lead else ()), *self.top, *self.popular, *self.more)


# --- compress ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Takeaway:
    """One finished sentence, and the span of `Story.text` (characters) that it stands on.

    A takeaway from the page's own block that is not found in the text has the span 0, 0.
    """

    text: str
    story_id: str = ""
    start: int = 0
    end: int = 0
    origin: Origin | None = None  # None: extracted, or the page's own


@dataclass(frozen=True, slots=True)
class Origin:
    """The language model that wrote a takeaway: for editors and the record, never for readers."""

    provider: str
    model: str
    prompt_hash: str
    spans: tuple[tuple[int, int], ...] = ()  # of `Story.text`: every sentence that it cites
    approved_by: str = ""  # login@host
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or a sub-head of the lead story's body."""

    text: str
    is_subhead: bool = False


@dataclass(frozen=True, slots=True)
class Brief:
    """A story as readers get it."""

    story: Story
    headline: str
    takeaways: tuple[Takeaway, ...] = ()
    teaser: str = ""
    body: tuple[Passage, ...] = ()  # for the lead story only
    also_covered_by: tuple[Story, ...] = ()
    short_headline: str = ""  # at most 50 characters, cut at a word
    is_update: bool = False  # readers got an earlier version of it
    section_title: str = ""  # in an edition that spans sections: whose story it is
    link: str = ""  # where the letter leads to, when that is not the story's own address


# --- render -----------------------------------------------------------------------------------


class EditionStatus(StrEnum):
    """Where an edition stands. DRAFT → APPROVED → SENDING → DONE, or one of the others."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    DONE = "done"
    HELD = "held"
    SKIPPED = "skipped"
    MISSED = "missed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more happens by itself; HELD waits for an operator."""
        return self not in (EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Publication:
    """Who publishes: what every letter says about its sender."""

    name: str
    url: str
    sender: str  # the From header: "The Harbour Herald <news@example.com>"
    postal_address: str
    language: str = "en"
    timezone: str = "UTC"
    base_url: str = ""  # where Digest's own pages are served; no trailing slash
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Masthead:
    """The top of a letter. What is unknown is left out, never guessed."""

    date: str  # long form, in the publication's language and the section's zone
    place: str = ""
    weather: Weather | None = None
    zone: str = ""  # the section's, by its IANA name: story times are shown in it; "": the publication's


@dataclass(frozen=True, slots=True)
class Sponsor:
    """Who pays for a place in the letter. It is always labelled as advertising."""

    name: str
    text: str
    url: str
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """One section's email of one slot, before it is rendered."""

    id: str  # "politics/2026-11-24"
    section: str
    slot: datetime
    publication: Publication
    title: str  # the section's title: "Politics"
    subject: str
    preheader: str
    masthead: Masthead
    lead: Brief | None
    top: tuple[Brief, ...] = ()
    popular: tuple[Brief, ...] = ()
    more: tuple[Brief, ...] = ()
    note: str = ""  # the editor's, above all stories; paragraphs parted by line breaks
    sponsors: tuple[Sponsor, ...] = ()
    status: EditionStatus = EditionStatus.DRAFT
    dated_at: datetime | None = None  # what the letter is dated, where that is not the slot
    parts: tuple[Edition, ...] = ()  # of a letter with several sections, which has no stories of its own

    @property
    def briefs(self) -> tuple[Brief, ...]:
        own = (*((self.lead,) if self.lead else ()), *self.top, *self.popular, *self.more)
        return (*own, *(brief for part in self.parts for brief in part.briefs))


class Blank(StrEnum):
    """The places in a letter that differ from reader to reader."""

    UNSUBSCRIBE_URL = "unsubscribe"
    PREFERENCES_URL = "preferences"


WHOLE = "all"
"""The segment of an edition's whole audience."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one segment's readers get, rendered once, with named blanks per reader.

    A blank stands in `html` and `text` as `letter.token(blank)`. The mark in it is a hash of the
    edition, so that no story can hold a blank and be filled with a reader's own links.
    """

    edition_id: str
    segment: str
    subject: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()  # the same for every reader, unencoded
    mark: str = ""

    def token(self, blank: Blank) -> str:
        return blank_token(self.mark, blank)


def blank_token(mark: str, blank: Blank) -> str:
    """Return how `blank` is written in a letter: letters and digits only, so nothing re-encodes it."""
    return f"x{mark}x{blank.value}x"


# --- audience ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader, and the sections that they asked for."""

    email: str
    id: int = 0  # 0 until stored
    name: str = ""
    sections: tuple[str, ...] = ()
    language: str = ""
    timezone: str = ""
    consented_at: datetime | None = None
    consent_source: str = ""


class ExclusionReason(StrEnum):
    """Why a candidate of an audience gets no delivery."""

    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    NO_CONSENT = "no-consent"
    COMBINED = "combined"  # gets it in one letter with other sections


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A candidate who was left out when the audience was frozen."""

    edition_id: str
    subscriber_id: int
    reason: ExclusionReason


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that must get nothing, whoever adds it again."""

    address_key: str
    reason: str  # "bounced", "complained", "erased", "manual"
    at: datetime


# --- deliver ----------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """Where one reader's letter stands. Submitted, accepted and delivered are three things."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNCERTAIN = "uncertain"


ACCEPTED_STATES = (
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
)
"""ACCEPTED, and what events make of it later."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter for one reader: a row of the ledger."""

    id: str
    edition_id: str
    subscriber_id: int
    email: str
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    provider_id: str = ""
    detail: str = ""
    due_at: datetime | None = None
    name: str = ""
    refusals: int = 0  # of this reader, so far
    segment: str = WHOLE  # whose letter it is


@dataclass(frozen=True, slots=True)
class Addressed:
    """A delivery with the reader's own values for the letter's blanks."""

    delivery: Delivery
    unsubscribe_url: str
    preferences_url: str

    def value(self, blank: Blank) -> str:
        return self.unsubscribe_url if blank is Blank.UNSUBSCRIBE_URL else self.preferences_url


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission: the state to record, in the provider's words.

    QUEUED means a definite refusal that may pass (SMTP 4xx, HTTP 429): try again later. Unless it was
    this reader who was refused, `costs_attempt` is False: an outage must not use up anyone's attempts.
    """

    delivery_id: str
    state: DeliveryState
    provider_id: str = ""
    detail: str = ""
    retry_after_seconds: float | None = None
    costs_attempt: bool = True
    request_id: str = ""  # where it differs from the one that the intent was marked with
