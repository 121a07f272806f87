from __future__ import annotations

import re
from pathlib import Path

import pytest

from visiohub.errors import SettingsError
from visiohub.settings import Settings, load

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_explained_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    said = dict(rows)
    assert set(said) == set(Settings.model_fields)
    assert len(rows) == len(said)
    for name, text in said.items():
        assert text == shown(getattr(Settings(), name)), name


def shown(value: object) -> str:
    match value:
        case bool():
            text = str(value).lower()
        case float():
            text = f"{value:g}"
        case tuple():
            text = ", ".join(value)
        case Path():
            text = str(value).replace(str(Path.home()), "~")
        case _ if hasattr(value, "get_secret_value"):
            text = value.get_secret_value()
        case _:
            text = str(value)
    return f"`{text}`" if text else "vide"


def test_variables_go_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    config.write_text('port = 8100\nhost = "0.0.0.0"\nstun_urls = ["stun:a", "stun:b"]\n')
    environ = {"VISIOHUB_CONFIG": str(config), "VISIOHUB_PORT": "8200"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISIOHUB_PORT", "8200")
        settings = load(None, environ)
    assert (settings.port, settings.host) == (8200, "0.0.0.0")
    assert settings.stun_urls == ("stun:a", "stun:b")


def test_a_list_in_a_variable_has_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_SECURE_COOKIES", "true")
    monkeypatch.setenv("VISIOHUB_PUBLIC_ORIGINS", "https://a.example, https://b.example")
    assert load(environ={}).public_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("prot = 1", "prot", "did you mean 'port'?"),
        ("zzz = 1", "zzz", "unknown setting 'zzz'"),
        ("port = 'abc'", "port", '"abc" was given; write a whole number from 0 to 65535'),
        ("port = 70000", "port", "70000 was given; write a whole number from 0 to 65535"),
        ("port = 1.5", "port", "1.5 was given; write a whole number"),
        ("secure_cookies = 'perhaps'", "secure_cookies", "write true or false"),
        ("host = 1", "host", "1 was given; write a text"),
        ("stun_urls = [1]", "stun_urls", "1 was given; write a list of texts"),
        ("turn_secret = 12345", "turn_secret", "does not fit was given; write a text"),
        ("public_origins = ['visio.example.fr']", "public_origins", "https://visio.example.fr"),
        ("public_origins = ['https://a.fr/']", "public_origins", "write it https://a.fr"),
        ("public_origins = ['https://a.fr:443']", "public_origins", "write it https://a.fr"),
        ("public_origins = ['http://a.fr:80/b?c']", "public_origins", "write it http://a.fr"),
        ("public_origins = ['https://A.fr:8443/']", "public_origins", "write it https://a.fr:8443"),
        ("public_origins = ['https://a.fr:08443']", "public_origins", "write it https://a.fr:8443"),
        ("public_origins = ['https://[::1]:443']", "public_origins", "write it https://[::1]"),
        ("public_origins = ['https://a:b']", "public_origins", "write it like https://"),
        ("public_origins = ['https://a:70000']", "public_origins", "write it like https://"),
        ("public_origins = ['https://b@a']", "public_origins", "write it like https://"),
        ("public_origins = ['*']", "public_origins", "write it like https://"),
        ("public_origins = ['https://a.example']", "secure_cookies", "must be true"),
        ("trusted_proxies = ['10.0.0.0/8']", "trusted_proxies", "no IP address"),
        ("stun_urls = ['turn.example.fr']", "stun_urls", "no STUN URL"),
        ("turn_urls = ['stun:turn.example.fr']", "turn_urls", "no TURN URL"),
        ("turn_urls = ['turn:a?transport=sctp']", "turn_urls", "no TURN URL"),
        ("turn_urls = ['turn:turn.example.fr']", "turn_secret", "turn_urls is set"),
        ("host = '999.1.1.1'", "host", "'999.1.1.1' is no address and no name"),
        ("host = 'visio example'", "host", "write it like 127.0.0.1"),
        ("host = 'http://127.0.0.1'", "host", "write it like 127.0.0.1"),
        ("host = ''", "host", "write it like 127.0.0.1"),
        ("probe_host = '10.0.0'", "probe_host", "write it like 127.0.0.1"),
        ("fallback_phone = 'abc'", "fallback_phone", "write it like 04 65 71 20 05"),
        ("session_hours = 99999999999999", "session_hours", "a whole number from 1 to 720"),
        ("keep_calls_days = 99999999999", "keep_calls_days", "number from 1 to 36500"),
        ("ping_every_s = inf", "ping_every_s", "a number above 0 and of at most 86400"),
        ("ping_every_s = nan", "ping_every_s", "a number above 0 and of at most 86400"),
        ("ping_every_s = 4.1", "ping_every_s", "at most half"),
        ("code_digits = 7", "code_digits", "guessed with 9.0e-04 a day"),
        ("wrong_codes_per_day = 12", "code_digits", "guessed"),
        ("public_origins = []", "public_origins", "a list of texts, at least 1"),
        ("port = = 1", "config", "not TOML"),
        ("database_url = 'mysql://db/hub'", "database_url", "no SQLite file and no PostgreSQL"),
        ("database_url = 'postgresql://db'", "database_url", "no SQLite file and no PostgreSQL"),
        ("database_url = 'hub.sqlite3'", "database_url", "no URL of a database"),
        ("time_zone = 'Europe/Gap'", "time_zone", "time zone"),
    ],
)
def test_a_wrong_file_is_refused_by_key(tmp_path: Path, text: str, key: str, said: str) -> None:
    config = tmp_path / "hub.toml"
    config.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(said)) as refused:
        load(config, {})
    assert refused.value.field == key
    assert "Value error" not in str(refused.value)
    assert "12345" not in str(refused.value)


def test_a_wrong_variable_is_named_with_what_was_given_and_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VISIOHUB_PORT", "abc")
    with pytest.raises(SettingsError) as refused:
        load(environ={"VISIOHUB_PORT": "abc"})
    wanted = "write a whole number from 0 to 65535"
    assert str(refused.value) == f"setting 'port': \"abc\" was given; {wanted}"


def test_an_unknown_variable_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="'turn_secrett' in the environment; did you mean"):
        load(environ={"VISIOHUB_TURN_SECRETT": "x"})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*; name a file of settings"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_name_of_the_file_says_what_to_do(empty: str) -> None:
    with pytest.raises(SettingsError, match=r"VISIOHUB_CONFIG is empty; name the file .* or unset"):
        load(environ={"VISIOHUB_CONFIG": empty})


@pytest.mark.parametrize(
    "origin",
    ["https://a.fr", "http://127.0.0.1:8080", "https://[2001:db8::1]:8443", "https://a:80"],
)
def test_origins_as_browsers_write_them_are_taken(origin: str) -> None:
    assert Settings(public_origins=(origin,), secure_cookies=True).public_origins == (origin,)


def test_the_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_TURN_SECRET", "very secret")
    assert "very secret" not in repr(load(environ={}))


def test_a_password_in_the_database_url_is_not_shown() -> None:
    settings = Settings(database_url="postgresql://hub:very-secret@db/hub")
    assert "very-secret" not in repr(settings)
    assert settings.shown("database_url") == "postgresql://hub:***@db/hub"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost", "hub.lan", "h3"]
)
def test_where_to_listen_is_an_address_or_a_name(tmp_path: Path, host: str) -> None:
    config = tmp_path / "hub.toml"
    config.write_text(
        f"host = '{host}'\nprobe_host = '{host}'\nfallback_phone = '3230'\n"
        "turn_urls = ['turn:turn.example.fr']\nturn_secret = 'north'\n"
    )
    assert load(config, {}).host == host
