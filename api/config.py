"""Every setting of the service, declared once with its name, meaning and default; read from the environment.

Decides what a setting may be. `docs/reference/settings.md` and `waypost config` are made from the declarations below.
"""

# ruff: noqa: RUF009  (`setting` makes a dataclass field)
from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsl.values import DAY, HOUR, MINUTE, Duration
from engine.analytics.engines import is_master
from engine.errors import WaypostError
from engine.permissions import Role

_KEY: Final = "waypost setting"

CLIENT_VARIABLES: Final = ("WAYPOST_URL", "WAYPOST_SECRET_KEY")
"""Read by commands that work on a server elsewhere (`waypost push`), not by the service."""


class BadSettings(WaypostError):
    """One or more settings cannot be read; every one of them is named."""

    code = "bad_settings"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n  ".join(("the settings cannot be used:", *problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Declaration:
    """A setting as the reference page shows it."""

    variable: str
    """The environment variable."""
    doc: str
    default: str
    """The text that has the same effect as not setting it; empty for none."""
    secret: bool
    read: Callable[[str], Any]


def setting(variable: str, doc: str, *, default: str, read: Callable[[str], Any], secret: bool = False) -> Any:
    """Declare a field of Settings: its variable, what it means, the default as text, and how a text is read.

    `read` raises ValueError with a sentence that ends "`X` is not …".
    """
    declaration = Declaration(variable, doc, default, secret, read)
    return dataclasses.field(metadata={_KEY: declaration})


def _text(text: str) -> str:
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _optional_path(text: str) -> Path | None:
    return _path(text) if text else None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"`{text}` is not a whole number from {low} to {high}")
        return int(text)

    return read


def _spark(text: str) -> str | None:
    if text and not is_master(text):
        raise ValueError(f"`{text}` is not the address of a Spark master like `spark://host:7077`")
    return text or None


def _memory(text: str) -> str | None:
    if text and not re.fullmatch(r"[1-9][0-9]*(MB|GB)", text):
        raise ValueError(f"`{text}` is not an amount of memory like `4GB` or `500MB`")
    return text or None


def read_zone(text: str) -> str:
    """The name of a time zone; ValueError if it is none."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"`{text}` is not a time zone like `Europe/Berlin`") from None
    return text


def _origins(text: str) -> tuple[str, ...]:
    return tuple(read_origin(part) for part in text.replace(",", " ").split())


def read_origin(text: str) -> str:
    """An origin in the form that browsers send (`https://app.example.com`), or `*` for any; ValueError if it is not."""
    scheme, mark, host = text.rstrip("/").lower().partition("://")
    if text != "*" and (not mark or scheme not in {"http", "https"} or not host or set(host) & set("/?#@ *")):
        raise ValueError(f"`{text}` is not an origin like `https://app.example.com`, and not `*`")
    return text if text == "*" else f"{scheme}://{host}"


def _key(prefix: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if text and (not text.startswith(prefix) or len(text) < len(prefix) + 16 or not text.isascii()):
            raise ValueError(f"the key is not `{prefix}` followed by at least 16 letters and digits")
        return text or None

    return read


def _switch(text: str) -> bool:
    return _choice("on", "off")(text) == "on"


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"`{text}` is not one of " + ", ".join(f"`{word}`" for word in allowed))
        return text

    return read


def _public_url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment or " " in text:
        raise ValueError(f"`{text}` is not an address like `https://guides.example.com`")
    return parts.geturl()


def _issuer(text: str) -> str | None:
    url = _public_url(text)
    if url is not None and url.startswith("http://") and urlsplit(url).hostname not in {"127.0.0.1", "localhost"}:
        raise ValueError(
            f"`{text}` is not safe to trust over plain http; an identity provider has an `https://` address"
        )
    return url


def read_duration(text: str) -> Duration:
    """A time like `30m`, `12h` or `7d`; ValueError if it is none."""
    units = {"m": MINUTE, "h": HOUR, "d": DAY}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or int(number) > 10_000:
        raise ValueError(f"`{text}` is not a time like `30m`, `12h` or `7d`")
    return Duration(int(number) * units[unit])


def _positive_duration(text: str) -> Duration:
    """As `read_duration`, and more than nothing."""
    found = read_duration(text)
    if found <= 0:
        raise ValueError(f"`{text}` is no time at all")
    return found


def _rate(text: str) -> str:
    number, mark, unit = text.partition("/")
    known = unit.strip() in {"second", "minute", "hour", "day"}
    if text != "off" and not (mark and known and number.isascii() and number.strip().isdigit() and int(number) > 0):
        raise ValueError(f"`{text}` is not a rate like `6000/minute`, and not `off`")
    return text


def _oidc_roles(text: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        group, _, given = part.rpartition("=")
        project, _, role = given.partition(":")
        if not group or not project or role not in set(Role):
            raise ValueError(f"`{part}` is not a group, a project and a role, like `guides-admins=default:admin`")
        found.append((group.strip(), project.strip(), role))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may choose. Field order is the order of the reference page."""

    data_dir: Path = setting(
        "WAYPOST_DATA_DIR",
        "Folder for everything that is kept: the embedded database and the files for analytics. Created if missing.",
        default="data",
        read=_path,
    )
    database_url: str | None = setting(
        "DATABASE_URL",
        "A PostgreSQL address (`postgresql://user:password@host/name`). Without one: SQLite in the data folder.",
        default="",
        read=lambda text: text or None,
        secret=True,
    )
    rules: Path | None = setting(
        "WAYPOST_RULES",
        "A folder of `.way` files, or one file, that is checked and published at every start, if it has changed since "
        "the last one: what somebody published or rolled back meanwhile stays. With an error in it the server does not "
        "start.",
        default="",
        read=_optional_path,
    )
    host: str = setting(
        "WAYPOST_HOST",
        "The address to listen on; `0.0.0.0` for all.",
        default="127.0.0.1",
        read=_text,
    )
    port: int = setting("WAYPOST_PORT", "The port to listen on.", default="8000", read=_whole(1, 65535))
    threads: int = setting(
        "WAYPOST_THREADS",
        "How many requests are worked on at once.",
        default="16",
        read=_whole(1, 256),
    )
    trusted_proxies: int = setting(
        "WAYPOST_TRUSTED_PROXIES",
        "How many reverse proxies of yours stand in front; that many `X-Forwarded-*` entries are believed.",
        default="0",
        read=_whole(0, 16),
    )
    zone: str = setting(
        "WAYPOST_ZONE",
        "The time zone of the project: when its days begin, and what a date in a rule means.",
        default="UTC",
        read=read_zone,
    )
    allowed_origins: tuple[str, ...] = setting(
        "WAYPOST_ALLOWED_ORIGINS",
        "Web origins whose pages may send events and ask for guidance, separated by commas, for the project created at "
        "the first start; `*` for any. Pages of the server's own origin are always allowed.",
        default="",
        read=_origins,
    )
    init_public_key: str | None = setting(
        "WAYPOST_INIT_PUBLIC_KEY",
        "The public key (`wp_pub_…`) to create at the first start. Without one, make keys with `waypost keys create`.",
        default="",
        read=_key("wp_pub_"),
    )
    init_secret_key: str | None = setting(
        "WAYPOST_INIT_SECRET_KEY",
        "The secret key (`wp_sec_…`) to create at the first start. Only its hash is kept.",
        default="",
        read=_key("wp_sec_"),
        secret=True,
    )
    worker: bool = setting(
        "WAYPOST_WORKER",
        "`on`: the server does background work itself, beside its requests. `off`: a `waypost worker` does it.",
        default="on",
        read=_switch,
    )
    migrate: str = setting(
        "WAYPOST_MIGRATE",
        "What a start does with the database of an earlier release: `auto` brings its schema up to date; `refuse` "
        "stops with a message, and `waypost db upgrade` does it when you say so.",
        default="auto",
        read=_choice("auto", "refuse"),
    )
    log_level: str = setting(
        "WAYPOST_LOG_LEVEL",
        "How much is logged: `debug`, `info`, `warning` or `error`.",
        default="info",
        read=_choice("debug", "info", "warning", "error"),
    )

    log_format: str = setting(
        "WAYPOST_LOG_FORMAT",
        "How an entry of the log is written: `text` for people, `json` for machines.",
        default="text",
        read=_choice("text", "json"),
    )
    metrics_token: str | None = setting(
        "WAYPOST_METRICS_TOKEN",
        "What Prometheus brings as its bearer token to read `/metrics`; `open` lets everybody read it. Without one it "
        "is not served.",
        default="",
        read=lambda text: text or None,
        secret=True,
    )

    public_url: str | None = setting(
        "WAYPOST_PUBLIC_URL",
        "Where people reach the server, such as `https://guides.example.com`, or `https://example.com/guides` behind a "
        "proxy that serves it below a path: that path is then the base path, whether the proxy takes it off or not. "
        "Links in invitations and in messages to chat tools begin with it.",
        default="",
        read=_public_url,
    )
    secure_cookies: str = setting(
        "WAYPOST_SECURE_COOKIES",
        "Whether the console's cookies travel over HTTPS only: `always`, `never`, or `auto`, which is yes as soon as "
        "the request came by HTTPS or WAYPOST_PUBLIC_URL says so.",
        default="auto",
        read=_choice("auto", "always", "never"),
    )
    session_idle: Duration = setting(
        "WAYPOST_SESSION_IDLE",
        "After how long without a request somebody is signed out of the console: `30m`, `12h`, `7d`.",
        default="12h",
        read=_positive_duration,
    )
    session_lasts: Duration = setting(
        "WAYPOST_SESSION_LASTS",
        "After how long somebody has to sign in again in any case.",
        default="7d",
        read=_positive_duration,
    )
    address_rate: str = setting(
        "WAYPOST_RATE_PER_ADDRESS",
        "How many requests one address may send: `6000/minute`, `100/second`; `off` for no limit. Requests from this "
        "machine itself are not counted.",
        default="6000/minute",
        read=_rate,
    )
    key_rate: str = setting(
        "WAYPOST_RATE_PER_KEY",
        "How many requests may come with one key, from all addresses together; `off` for no limit.",
        default="600000/minute",
        read=_rate,
    )
    rate_storage: str = setting(
        "WAYPOST_RATE_STORAGE",
        "Where requests are counted: `memory://` for each process by itself, or a store that several processes share, "
        "such as `redis://host:6379` or `memcached://host:11211` (their client library must be installed).",
        default="memory://",
        read=_text,
        secret=True,
    )
    private_webhooks: bool = setting(
        "WAYPOST_PRIVATE_WEBHOOKS",
        "`on`: webhooks may be told over plain http and within your own network too, which every admin of a project "
        "can then have this server send to. `off`: over https and to addresses that everybody can reach.",
        default="off",
        read=_switch,
    )
    exports_dir: Path | None = setting(
        "WAYPOST_EXPORTS_DIR",
        "The folder that scheduled exports are written into, a folder for each project in it; every admin of a project "
        "can then fill it. Without one this server writes none.",
        default="",
        read=_optional_path,
    )
    spark: str | None = setting(
        "WAYPOST_SPARK",
        "The master of a Spark cluster that runs the analyses, `spark://host:7077`, when one machine is outgrown "
        "(`docs/scale.md`). Needs the extra `waypost[spark]`. Without it: DuckDB, in this process.",
        default="",
        read=_spark,
    )
    analysis_memory: str | None = setting(
        "WAYPOST_ANALYSIS_MEMORY",
        "The most memory that DuckDB takes for an analysis, `4GB` or `500MB`; what does not fit it writes to "
        "`lake/spill` in the data folder meanwhile. Without it: four fifths of the machine's. Says nothing to Spark.",
        default="",
        read=_memory,
    )
    oidc_issuer: str | None = setting(
        "WAYPOST_OIDC_ISSUER",
        "The OpenID Connect provider that people of the console may sign in with: its address, below which "
        "`/.well-known/openid-configuration` lies. Needs the extra `waypost[oidc]`.",
        default="",
        read=_issuer,
    )
    oidc_client_id: str = setting(
        "WAYPOST_OIDC_CLIENT_ID", "What the provider calls this server.", default="", read=_text
    )
    oidc_client_secret: str = setting(
        "WAYPOST_OIDC_CLIENT_SECRET",
        "The secret that the provider gave to this server; none for a public client.",
        default="",
        read=_text,
        secret=True,
    )
    oidc_roles_claim: str = setting(
        "WAYPOST_OIDC_ROLES_CLAIM",
        "The claim of the provider that lists somebody's groups.",
        default="groups",
        read=_text,
    )
    oidc_roles: tuple[tuple[str, str, str], ...] = setting(
        "WAYPOST_OIDC_ROLES",
        "What a group makes somebody in a project: `guides-admins=default:admin, product=default:analyst`. The highest "
        "role counts, and somebody in none of a project's groups is no member of it any more. Without it people are "
        "invited.",
        default="",
        read=_oidc_roles,
    )

    PREFIX: ClassVar[str] = "WAYPOST_"

    @property
    def base_path(self) -> str:
        """The path below which the server is reached, without a slash at its end; empty for none."""
        return urlsplit(self.public_url).path if self.public_url else ""

    @property
    def lakes(self) -> Path:
        """The folder of the copies that analyses read."""
        return self.data_dir / "lake"

    @property
    def url(self) -> str:
        """The database's address: the one given, else the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'waypost.sqlite').absolute()}"


def declarations() -> Iterator[tuple[str, Declaration]]:
    """Every setting: its field of Settings and its declaration."""
    for field in dataclasses.fields(Settings):
        yield field.name, cast("Declaration", field.metadata[_KEY])


def read_settings(environ: Mapping[str, str], **chosen: str | None) -> Settings:
    """The settings of an environment; `chosen` (field names, as text) wins over it. Raises BadSettings with all faults.

    An empty variable is the same as none, so that a variable can be switched off in a file of them.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, declared in declarations():
        text = chosen.get(name) or environ.get(declared.variable, "").strip() or declared.default
        try:
            values[name] = declared.read(text)
        except ValueError as error:
            problems.append(f"{declared.variable}: {error}")
    if problems:
        raise BadSettings(tuple(problems))
    return Settings(**values)


def unknown_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Variables that look like ours and are none, each with the setting that was probably meant."""
    known = [*(declared.variable for _, declared in declarations()), *CLIENT_VARIABLES]
    for variable in sorted(environ):
        if variable.startswith(Settings.PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            yield variable, near[0] if near else None


def reference_page() -> str:
    """`docs/reference/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Made from `api/config.py` by `waypost config --reference`; a test compares the two.",
        "",
        "Settings are environment variables. An empty one counts as not set; one that cannot be read stops the start,",
        "and all such are named at once. `waypost config` shows what is in force, and variables that look mistyped.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for _, declared in declarations():
        default = f"`{declared.default}`" if declared.default else "none"
        note = " Never shown in full." if declared.secret else ""
        lines.append(f"| `{declared.variable}` | {default} | {declared.doc}{note} |")
    return "\n".join(lines) + "\n"
