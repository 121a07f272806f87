"""Settings: a TOML file, VISIOHUB_* variables over it; docs/settings.md explains each one."""

from __future__ import annotations

import base64
import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from signaling.complaints import complaint
from visiohub.domain import codes
from visiohub.domain.hours import zone_names
from visiohub.domain.phone import is_phone
from visiohub.errors import SettingsError
from visiohub.notify.settings import MessageSettings

PREFIX = "VISIOHUB_"
CONFIG_VARIABLE = "VISIOHUB_CONFIG"
ENCRYPTION_KEY_OCTETS = 32
LIKELIEST_GUESS = 1e-4
"""Chance a day, in the whole territory, that a guessed code opens something: always below."""

_NAME = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
_HOST = rf"{_NAME}(?::\d{{1,5}})?"
_ADDRESS = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<host>{_NAME})(?::(?P<port>\d{{1,5}}))?(?:[/?#].*)?"
)
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_STUN = re.compile(rf"stuns?:{_HOST}", re.IGNORECASE)
_TURN = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?", re.IGNORECASE)


def _listed(value: object) -> object:
    """A variable cannot hold a list: commas part its entries."""
    return _split(value) if isinstance(value, str) else value


def _split(value: str) -> list[str]:
    return [v.strip() for v in value.split(",") if v.strip()]


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        meant = _origin_meant(value)
        if value != meant:
            raise ValueError(f"{value!r} is no origin as browsers write it; write it {meant}")
    return values


def _origin_meant(text: str) -> str:
    """The origin as browsers send it (RFC 6454 §6.2): small letters, no default port, no path.

    What cannot be read at all gives an example.
    """
    found = _ADDRESS.fullmatch(text.strip().lower())
    if found is None or int(found["port"] or 0) > 65535:
        return "like https://visio.example.fr"
    scheme, host, port = found["scheme"] or "https", found["host"], found["port"]
    if port is None or int(port) == _DEFAULT_PORTS[scheme]:
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{int(port)}"


def _stun(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _STUN.fullmatch(value):
            raise ValueError(f"{value!r} is no STUN URL; write it like stun:turn.example.fr:3478")
    return values


def _turn(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _TURN.fullmatch(value):
            example = "turn:turn.example.fr:3478?transport=udp"
            raise ValueError(f"{value!r} is no TURN URL; write it like {example}")
    return values


def _addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            ip_address(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is no IP address; write it like 127.0.0.1") from error
    return values


def _host(value: str) -> str:
    if not _can_be_bound(value):
        raise ValueError(f"{value!r} is no address and no name; write it like 127.0.0.1")
    return value


def _host_if_any(value: str) -> str:
    return value and _host(value)


def _can_be_bound(value: str) -> bool:
    """An IP address, or a name: one whose last part is a number is a wrong address."""
    try:
        ip_address(value)
    except ValueError:
        last = value.rpartition(".")[2]
        return _HOST_NAME.fullmatch(value) is not None and not last.isdigit()
    return True


def _phone(value: str) -> str:
    if value and not is_phone(value):
        raise ValueError(f"{value!r} is no telephone number; write it like 04 65 71 20 05")
    return value


def _zone(value: str) -> str:
    if value not in zone_names():
        raise ValueError(f"{value!r} is no IANA time zone; write it like Europe/Paris")
    return value


def _database(value: str) -> str:
    """The message never repeats the value: it may hold a password."""
    if value and not value.startswith("sqlite:///"):
        example = "postgresql://hub@db.example.fr/hub"
        try:
            url = make_url(value)
        except ArgumentError as error:
            raise ValueError(f"is no URL of a database; write it like {example}") from error
        if url.drivername != "postgresql" or not url.database:
            sqlite = "sqlite:////var/lib/hub.db"
            raise ValueError(f"is no SQLite file and no PostgreSQL; write {sqlite} or {example}")
    return value


def _keys(value: SecretStr) -> SecretStr:
    """The message never repeats a key."""
    for key in _split(value.get_secret_value()):
        try:
            octets = base64.b64decode(key, altchars=b"-_", validate=True)
        except ValueError:
            octets = b""
        if len(octets) != ENCRYPTION_KEY_OCTETS:
            remedy = "openssl rand -base64 32 | tr +/ -_"
            raise ValueError(f"is no key of 32 octets in base64url; make one by: {remedy}")
    return value


def _home(value: Path) -> Path:
    return value.expanduser()


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Origins = Annotated[Listed, AfterValidator(_origins), Field(min_length=1)]
Host = Annotated[str, AfterValidator(_host)]
HostIfAny = Annotated[str, AfterValidator(_host_if_any)]
PhoneIfAny = Annotated[str, AfterValidator(_phone)]
Zone = Annotated[str, AfterValidator(_zone)]
StunUrls = Annotated[Listed, AfterValidator(_stun)]
TurnUrls = Annotated[Listed, AfterValidator(_turn)]
Addresses = Annotated[Listed, AfterValidator(_addresses)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Keys = Annotated[SecretStr, AfterValidator(_keys)]
Folder = Annotated[Path, AfterValidator(_home)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Minutes = Annotated[int, Field(ge=1, le=30 * 24 * 60)]
Hours = Annotated[int, Field(ge=1, le=30 * 24)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(MessageSettings):
    """All settings of the hub, with their defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    # where it runs
    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_origins: Origins = ("http://127.0.0.1:8080", "http://localhost:8080")
    trusted_proxies: Addresses = ()
    secure_cookies: bool = False
    data_dir: Folder = Path("~/.local/share/visiohub").expanduser()
    database_url: Annotated[DatabaseUrl, Field(repr=False)] = ""
    database_busy_timeout_s: Seconds = 10
    worker_threads: Annotated[int, Field(ge=1, le=64)] = 4
    log_json: bool = False

    # the territory
    time_zone: Zone = "Europe/Paris"
    fallback_phone: PhoneIfAny = ""
    max_kiosks: Count = 300
    slot_step_minutes: Annotated[int, Field(ge=15, le=60)] = 15
    no_show_grace_minutes: Annotated[int, Field(ge=0, le=1440)] = 15

    # rooms
    room_release_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    room_visio_early_minutes: Annotated[int, Field(ge=0, le=240)] = 10
    road_factor: Annotated[Decimal, Field(ge=1, le=3)] = Decimal("1.3")
    eur_per_km: Annotated[Decimal, Field(gt=0, le=10)] = Decimal("0.556")
    g_co2_per_km: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(193)

    statement_issuer: str = ""
    statement_address: Listed = ()
    statement_contact: str = ""
    statement_notes: Listed = ()
    treasury_account: str = ""
    treasury_label: str = "Location de salles"

    # codes
    code_digits: Annotated[int, Field(ge=6, le=12)] = 8
    code_early_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    wrong_codes_before_lock: Count = 6
    wrong_codes_per_day: Count = 10
    enrolment_code_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    enrolment_tries_per_address_per_hour: Count = 10
    enrolment_tries_per_hour: Count = 100

    # accounts
    session_hours: Hours = 12
    session_idle_minutes: Minutes = 120
    password_min_length: Annotated[int, Field(ge=8, le=100)] = 12
    sign_in_window_minutes: Minutes = 15
    sign_in_tries_per_login: Count = 10
    sign_in_tries_per_login_everywhere: Count = 100
    sign_in_tries_per_address: Count = 50

    # signaling and calls
    ping_every_s: Seconds = 4
    dead_after_s: Seconds = 8
    silent_peer_dropped_after_s: Seconds = 12
    tabs_per_person: Annotated[int, Field(ge=2, le=1000)] = 20
    call_gives_up_after_s: Seconds = 180
    call_waits_at_most_minutes: Minutes = 90
    stun_urls: StunUrls = ()
    turn_urls: TurnUrls = ()
    turn_secret: SecretStr = SecretStr("")
    turn_credential_hours: Hours = 6

    # lines
    probe_host: HostIfAny = ""
    probe_port: Annotated[int, Field(ge=0, le=65535)] = 8862
    encryption_keys: Keys = SecretStr("")

    # how long things are kept
    keep_appointment_contacts_days: Days = 7
    keep_appointments_days: Days = 730
    keep_calls_days: Days = 730
    keep_audit_days: Days = 365
    keep_ended_sessions_days: Days = 30
    keep_attempts_days: Annotated[int, Field(ge=2, le=36_500)] = 2
    keep_retired_accounts_days: Days = 365
    keep_uploads_days: Days = 2
    keep_waiting_list_days: Days = 7
    keep_absences_days: Days = 30
    keep_bookings_days: Days = 1095
    keep_charges_days: Days = 3660
    keep_line_minutes_days: Days = 31
    keep_line_quarters_days: Days = 400
    keep_line_days_days: Days = 1830

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.secure_cookies and any(o.startswith("https:") for o in self.public_origins):
            raise _disagree("secure_cookies", "must be true when a public origin is https")
        if self.turn_urls and not self.turn_secret.get_secret_value():
            says = "turn_urls is set: write the static-auth-secret of that TURN server here"
            raise _disagree("turn_secret", says)
        if self.ping_every_s * 2 > min(self.dead_after_s, self.silent_peer_dropped_after_s):
            both = "dead_after_s and silent_peer_dropped_after_s"
            raise _disagree("ping_every_s", f"must be at most half of {both}")
        if self.guess_probability >= LIKELIEST_GUESS:
            chance = f"codes would be guessed with {self.guess_probability:.1e} a day"
            raise _disagree("code_digits", f"{chance}, not below {LIKELIEST_GUESS}; take more")
        return self

    @property
    def guess_probability(self) -> float:
        """Chance a day that a guessed code opens something (domain/codes.py)."""
        return codes.guess_probability(
            kiosks=self.max_kiosks,
            wrong_codes_per_day=self.wrong_codes_per_day,
            live_codes_per_kiosk=codes.live_codes(
                timedelta(minutes=self.code_early_minutes),
                timedelta(minutes=self.slot_step_minutes),
            ),
            code_digits=self.code_digits,
        )

    @property
    def encryption_keys_listed(self) -> tuple[str, ...]:
        """Each of them; the first one encrypts, every one decrypts."""
        return tuple(_split(self.encryption_keys.get_secret_value()))

    @property
    def database(self) -> str:
        """SQLAlchemy URL: `database_url`, else a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'visiohub.sqlite3'}"

    def shown(self, name: str) -> str:
        """A setting as people may see it: without the passwords in it."""
        value = getattr(self, name)
        if name in {"database", "database_url"} and value:
            return make_url(value).render_as_string(hide_password=True)
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables over the file (which comes in as init arguments)."""
        return env_settings, init_settings


def _disagree(key: str, says: str) -> PydanticCustomError:
    """What is wrong with a key because of others."""
    return PydanticCustomError("disagree", "{says}", {"key": key, "says": says})


def load(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `config` (or the file VISIOHUB_CONFIG names) and the environment.

    Raises SettingsError naming the key: unknown (with the closest known one), or of a wrong
    value; and when the file is missing or is not TOML.
    """
    named = config or _config_named_in(environ)
    from_file = _read(named) if named else {}
    _refuse_unknown(from_file, f"in {named}")
    in_environ = [k for k in environ if k.startswith(PREFIX) and k != CONFIG_VARIABLE]
    _refuse_unknown([k.removeprefix(PREFIX).lower() for k in in_environ], "in the environment")
    try:
        return Settings(**from_file)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0] if first["loc"] else first["ctx"]["key"])
        raise SettingsError(f"setting {key!r}: {complaint(Settings, first)}", field=key) from error


def _config_named_in(environ: Mapping[str, str]) -> Path | None:
    if CONFIG_VARIABLE not in environ:
        return None
    if not environ[CONFIG_VARIABLE].strip():
        remedy = "name the file of settings in it, or unset it to run without one"
        raise SettingsError(f"{CONFIG_VARIABLE} is empty; {remedy}", field="config")
    return Path(environ[CONFIG_VARIABLE])


_NAME_ANOTHER = "name a file of settings that this account may read, or none"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read {path}: {error.strerror}; {_NAME_ANOTHER}", field="config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", field="config") from error


def _refuse_unknown(keys: Iterable[str], where: str) -> None:
    known = list(Settings.model_fields)
    for key in keys:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise SettingsError(f"unknown setting {key!r} {where}{hint}", field=key)
