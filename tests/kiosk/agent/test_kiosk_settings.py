"""Settings: file, then variables, then options; what does not exist is refused by name."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from kiosk.errors import SettingsError
from kiosk.settings import Settings, load_settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"


def test_every_setting_is_explained_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(\w+)`, `KIOSK_(\w+)` \| (.+?) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )
    assert {key for key, _, _ in rows} == set(Settings.model_fields)
    for key, variable, default in rows:
        assert variable == key.upper()
        value = str(getattr(Settings(), key)).replace(str(Path.home()), "~")
        value = value.lower() if value in ("True", "False") else value
        assert default == (f"`{value}`" if value else "vide"), key


def test_options_go_over_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('camera = "synthetic"\nmicrophone = "none"\nscreen_port = 1\n')
    read = load_settings(
        {"screen_port": 3, "hub": None},
        {"KIOSK_SCREEN_PORT": "2", "KIOSK_MICROPHONE": "device"},
        file,
    )
    assert (read.camera, read.microphone, read.screen_port) == ("synthetic", "device", 3)


@pytest.mark.parametrize(
    ("environment", "text", "named"),
    [
        ({"KIOSK_CAMRA": "none"}, "", "KIOSK_CAMRA"),
        ({}, 'camra = "none"', r"camra in .*kiosk\.toml: .*Remove it"),
        (
            {"KIOSK_SCREEN_PORT": "http"},
            "",
            r'KIOSK_SCREEN_PORT: "http" was given; write a whole number from 0 to 65535\.',
        ),
        ({}, "screen_port = 70000", r"screen_port in .*: 70000 was given; write .* to 65535"),
        ({}, "call_most_kbit = 1", "write a whole number of at least 36"),
        (
            {},
            "line_up_kbit = 20",
            "line_up_kbit in .*: 20 kbit/s is less than speech .* 36 or more",
        ),
        (
            {},
            "line_down_kbit = 20",
            "line_down_kbit in .*: 20 kbit/s is less than speech .* 36 or more",
        ),
        ({"KIOSK_LINE_CELLS": "some"}, "", "KIOSK_LINE_CELLS: .*write true or false"),
        ({}, "camera = ", r"kiosk\.toml is no TOML"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, environment: dict[str, str], text: str, named: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=named):
        load_settings({}, environment, file)


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings({}, {"KIOSK_CONFIG": str(tmp_path / "none.toml")})


def test_a_file_that_cannot_be_read_is_named_with_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_bytes('camera = "none"\n# caméra\n'.encode("latin-1"))
    for path, sentence in (
        (file, f"{file} is no text in UTF-8 (at line 2). Save it as UTF-8."),
        (tmp_path, f"{tmp_path} is a folder. Name the file in it."),
        (file / "on", f"{file / 'on'} cannot be read (Not a directory). Name another file."),
    ):
        with pytest.raises(SettingsError) as refused:
            load_settings(environment={}, file=path)
        assert refused.value.detail == sentence

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)  # root may read anything
    with pytest.raises(SettingsError, match=r"kiosk\.toml: this user may not read it\. Change "):
        load_settings(environment={}, file=file)


def test_a_hub_that_is_no_address_is_named() -> None:
    with pytest.raises(SettingsError, match=r"KIOSK_HUB: .*is no address; write it like https:"):
        load_settings(environment={"KIOSK_HUB": "no address"})
    assert load_settings(environment={"KIOSK_HUB": "visio.example.org/"}).hub == (
        "https://visio.example.org"
    )
