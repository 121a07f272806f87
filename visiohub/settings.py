"""Settings: a TOML file, VISIOHUB_* variables over it; docs/settings.md explains each one."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from visiohub.domain.hours import zone_names
from visiohub.errors import SettingsError

PREFIX = "VISIOHUB_"
CONFIG_VARIABLE = "VISIOHUB_CONFIG"


def _listed(value: object) -> object:
    """A variable cannot hold a list: commas part its entries."""
    return [v.strip() for v in value.split(",") if v.strip()] if isinstance(value, str) else value


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        scheme, _, host = value.partition("://")
        if scheme not in {"http", "https"} or not host or "/" in host:
            raise ValueError(f"{value!r} is no origin; write it like https://visio.example.fr")
    return values


def _zone(value: str) -> str:
    if value not in zone_names():
        raise ValueError(f"{value!r} is no IANA time zone; write it like Europe/Paris")
    return value


def _database(value: str) -> str:
    if value and not value.startswith("sqlite:///"):
        raise ValueError("only SQLite files are supported; write it like sqlite:////var/lib/hub.db")
    return value


def _home(value: Path) -> Path:
    return value.expanduser()


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Origins = Annotated[Listed, AfterValidator(_origins), Field(min_length=1)]
Zone = Annotated[str, AfterValidator(_zone)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Folder = Annotated[Path, AfterValidator(_home)]
Count = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """All settings of the hub, with their defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    # where it runs
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_origins: Origins = ("http://127.0.0.1:8080", "http://localhost:8080")
    trusted_proxies: Listed = ()
    secure_cookies: bool = False
    data_dir: Folder = Path("~/.local/share/visiohub").expanduser()
    database_url: DatabaseUrl = ""
    database_busy_timeout_s: Seconds = 10
    worker_threads: Annotated[int, Field(ge=1, le=64)] = 4
    log_json: bool = False

    # the territory
    time_zone: Zone = "Europe/Paris"
    fallback_phone: str = ""
    max_kiosks: Count = 300
    slot_step_minutes: Annotated[int, Field(ge=15, le=60)] = 15
    no_show_grace_minutes: Annotated[int, Field(ge=0)] = 15

    # codes
    code_digits: Annotated[int, Field(ge=6, le=12)] = 8
    code_early_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    wrong_codes_before_lock: Count = 6
    wrong_codes_per_day: Count = 10
    enrolment_code_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    enrolment_tries_per_address_per_hour: Count = 10
    enrolment_tries_per_hour: Count = 100

    # accounts
    session_hours: Count = 12
    session_idle_minutes: Count = 120
    password_min_length: Annotated[int, Field(ge=8)] = 12
    sign_in_window_minutes: Count = 15
    sign_in_tries_per_login: Count = 10
    sign_in_tries_per_address: Count = 50

    # signaling and calls
    ping_every_s: Seconds = 4
    dead_after_s: Seconds = 8
    silent_peer_dropped_after_s: Seconds = 12
    call_gives_up_after_s: Seconds = 180
    call_waits_at_most_minutes: Count = 90
    stun_urls: Listed = ()
    turn_urls: Listed = ()
    turn_secret: SecretStr = SecretStr("")
    turn_credential_hours: Count = 6

    # how long things are kept
    keep_appointment_contacts_days: Days = 7
    keep_appointments_days: Days = 730
    keep_calls_days: Days = 730
    keep_audit_days: Days = 365
    keep_ended_sessions_days: Days = 30

    @property
    def database(self) -> str:
        """SQLAlchemy URL: `database_url`, else a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'visiohub.sqlite3'}"

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


def load(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `config` (or the file VISIOHUB_CONFIG names) and the environment.

    Raises SettingsError naming the key: unknown (with the closest known one), or of a wrong
    value; and when the file is missing or is not TOML.
    """
    named = config or (Path(environ[CONFIG_VARIABLE]) if CONFIG_VARIABLE in environ else None)
    from_file = _read(named) if named else {}
    _refuse_unknown(from_file, f"in {named}")
    in_environ = [k for k in environ if k.startswith(PREFIX) and k != CONFIG_VARIABLE]
    _refuse_unknown([k.removeprefix(PREFIX).lower() for k in in_environ], "in the environment")
    try:
        return Settings(**from_file)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        raise SettingsError(f"setting {key!r}: {first['msg']}", field=key) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}", field="config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", field="config") from error


def _refuse_unknown(keys: Iterable[str], where: str) -> None:
    known = list(Settings.model_fields)
    for key in keys:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise SettingsError(f"unknown setting {key!r} {where}{hint}", field=key)
