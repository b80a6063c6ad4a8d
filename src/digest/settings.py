"""What each stage can be told: frozen settings with their defaults and units.

`config.py` fills these from config.toml; a stage takes only the one it needs, so that it works
without a configuration. The classes carry pydantic's "no unknown keys" rule as plain data, and
nothing here imports pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

_STRICT: dict[str, Any] = {"extra": "forbid", "frozen": True}


class SourceKind(StrEnum):
    FEED = "feed"
    SITEMAP = "sitemap"
    FRONT_PAGE = "front-page"
    WORDPRESS = "wordpress"
    GHOST = "ghost"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where a source's stories come from when it fails or has nothing new; the rest is as its source has it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: SourceKind
    url: str = ""
    path: str = ""
    key_env: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where stories come from: an address, or for a folder a path."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: SourceKind
    url: str = ""  # wordpress, ghost: the site, or the address of its posts
    path: str = ""
    name: str = ""
    section: str = ""  # every story of this source belongs there
    fetch_articles: bool = True  # read the article pages too, not only what the feed carries
    limit: int = 40  # stories taken from it in one run
    allow_private: bool = False  # may resolve to a private address (an intranet, loopback)
    ignore_robots: bool = False  # for a publisher's own site, whose robots.txt speaks to others
    key_env: str = ""  # ghost: the environment variable that holds its content API key
    fallbacks: tuple[Fallback, ...] = ()  # tried in their order

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.name or self.url or self.path


class PopularityKind(StrEnum):
    ACCESS_LOG = "access-log"
    CSV = "csv"
    JSON = "json"
    PLAUSIBLE = "plausible"
    MATOMO = "matomo"
    FRONT_PAGE = "front-page"
    CLICKS = "clicks"  # on the letters' own links: they break ties and are never views


@dataclass(frozen=True, slots=True)
class PopularityInput:
    """Where view counts come from. Inputs are tried in their order, never blended."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: PopularityKind
    path: str = ""  # access-log, csv, json
    url: str = ""  # front-page: the page; all others: the site that paths without a host belong to
    api_url: str = ""  # matomo: where it runs; plausible: the same, https://plausible.io when not given
    site_id: str = ""  # matomo: idSite; plausible: the site's domain there, the url's host when not given
    key_env: str = ""  # plausible, matomo: the environment variable that holds the key
    allow_private: bool = False  # api_url may resolve to a private address

    @property
    def label(self) -> str:
        """What reports call it."""
        return f"{self.kind} {self.path or self.api_url or self.url}".strip()


@dataclass(frozen=True, slots=True)
class PopularitySettings:
    """How fast views fade, and how far back they count."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    half_life_hours: float = 12.0
    window_hours: float = 24.0
    inputs: tuple[PopularityInput, ...] = ()

    @property
    def counts_clicks(self) -> bool:
        """Whether the letters' links lead by way of Digest's own pages."""
        return any(told.kind is PopularityKind.CLICKS for told in self.inputs)


@dataclass(frozen=True, slots=True)
class Weights:
    """The parts of the *top* score; they add up to 1, and absent parts are shared out."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    front_page: float = 0.40
    feed_order: float = 0.15
    cluster_size: float = 0.15
    recency: float = 0.15
    views: float = 0.15


@dataclass(frozen=True, slots=True)
class Quota:
    """How many stories an edition has in each part, and the fewest it goes out with."""

    top: int = 6  # the lead is one of them
    popular: int = 5
    more: int = 5
    minimum: int = 3
    window_hours: float = 24.0
    popular_repeats_top: bool = False  # most popular may show what stands among the top stories too


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """A language model behind an OpenAI-compatible chat API, and how much it may take of time, tokens and money."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    base_url: str  # with its version: "https://api.openai.com/v1", "http://127.0.0.1:8080/v1"
    model: str
    provider: str = ""  # what editors read; the host of base_url when not given
    key_env: str = ""  # the environment variable that holds the key; a local server needs none
    timeout_seconds: float = 20.0  # for the whole answer on one story, retry included
    edition_seconds: float = 60.0  # for all answers on one edition: it is never delayed by more
    connections: int = 2  # stories asked about at once
    max_tokens: int = 600  # of one answer
    tokens_per_edition: int = 100_000  # 0: no limit
    tokens_per_day: int = 500_000  # of UTC, over all editions; 0: no limit
    prompt_price_per_million: float = 0.0  # in the currency of the caps below
    answer_price_per_million: float = 0.0
    cost_per_edition: float = 0.0  # 0: no limit
    cost_per_day: float = 0.0
    approved_only: bool = False  # publish its takeaways only once an editor has approved them

    @property
    def label(self) -> str:
        """What editors and reports call who runs it."""
        return self.provider or urlsplit(self.base_url).hostname or self.base_url


@dataclass(frozen=True, slots=True)
class SubjectTrial:
    """How two subjects are tried, where an editor gives two."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    share: float = 0.2  # of the audience, for both together
    decide_after_minutes: int = 30


class PictureMode(StrEnum):
    ORIGIN = "origin"  # letters show them from where the publisher has them
    HOSTED = "hosted"  # made fit once, and served by `digest serve`


@dataclass(frozen=True, slots=True)
class PictureSettings:
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    mode: PictureMode = PictureMode.ORIGIN
    folder: str = "var/pictures"
    max_kb: int = 120  # of the lead's


class WeatherProvider(StrEnum):
    OPEN_METEO = "open-meteo"
    MET_NORWAY = "met-norway"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the masthead's weather is."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    name: str
    latitude: float
    longitude: float
    units: Literal["metric", "imperial"] = "metric"
    provider: WeatherProvider = WeatherProvider.OPEN_METEO
    weather_url: str = ""  # an address of the same API elsewhere; the provider's own when not given
    allow_private: bool = False


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    host: str = "localhost"
    port: int = 25
    security: Security = Security.NONE
    connections: int = 10
    username: str = ""
    password_env: str = ""  # the name of the environment variable that holds it
    timeout_seconds: float = 60.0
    messages_per_connection: int = 1000  # then it is renewed
    bounce_domain: str = ""  # with it the envelope's sender is bounce+DELIVERY@DOMAIN


@dataclass(frozen=True, slots=True)
class SendGridSettings:
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    api_key_env: str = "SENDGRID_API_KEY"
    base_url: str = "https://api.sendgrid.com"
    personalizations: int = 250  # per request; the API's own limit is 1,000
    connections: int = 4
    timeout_seconds: float = 30.0
    webhook_public_key: str = ""  # of the signed event webhook, as SendGrid shows it: base64, not a secret


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """One DKIM signature on every message over SMTP (RFC 6376, RFC 8463); the key's kind decides the algorithm."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    domain: str
    selector: str
    key_file: str = ""  # PEM; beside config.toml when relative
    key_env: str = ""  # or the environment variable that holds the PEM


class OnUncertain(StrEnum):
    """What becomes of a delivery whose answer was lost."""

    RECONCILE = "reconcile"  # the provider's events settle it, if it has any
    HOLD = "hold"  # it stays UNCERTAIN until an operator decides
    RESUBMIT = "resubmit"  # submitted once more at once: for those who would rather get it twice


class SenderKind(StrEnum):
    OUTBOX = "outbox"
    SMTP = "smtp"
    SENDGRID = "sendgrid"


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    sender: SenderKind = SenderKind.OUTBOX
    outbox: str = "var/outbox"
    per_second: float = 50.0
    per_domain_per_second: float = 0.0  # to each recipient domain; 0: no limit of its own
    warm_up: bool = False  # raise the daily volume step by step, as for a new sending domain
    finish_by: str = ""  # the section's local time by which everything should be accepted: it is computed and told
    halt_after_failures: int = 20  # so many failures in a row, over all connections, hold the edition
    max_attempts: int = 5
    too_late_minutes: int = 120
    surprise_percent: float = 20.0  # hold an edition whose audience differs by more from the last one's; 0: never
    on_uncertain: OnUncertain = OnUncertain.RECONCILE
    reconcile_after_minutes: int = 60  # the silence of a working event webhook that proves a letter not taken
    dkim: tuple[DkimSettings, ...] = ()
    smtp: SmtpSettings = field(default_factory=SmtpSettings)
    sendgrid: SendGridSettings = field(default_factory=SendGridSettings)
