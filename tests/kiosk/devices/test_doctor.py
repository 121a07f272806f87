from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from kiosk.devices import portaudio
from kiosk.doctor import doctor, examine


def run(*options: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(doctor)
    result = CliRunner().invoke(app, options)
    return result.exit_code, result.output


def test_synthetic_devices_lack_nothing() -> None:
    code, text = run("--camera", "synthetic", "--microphone", "synthetic", "--speaker", "none")
    assert code == 0
    assert "gives pictures of 640x480" in text
    assert "LACKING" not in text


def test_the_devices_of_the_settings_are_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('camera = "file:/nope"\nmicrophone = "none"\nspeaker = "none"\n')
    monkeypatch.setenv("KIOSK_MICROPHONE", "synthetic")
    code, text = run("--config", str(file), "--json")
    found = {entry["kind"]: entry for entry in json.loads(text) if entry["kind"] != "libraries"}
    assert code == 1
    assert (found["camera"]["name"], found["camera"]["works"]) == ("file:/nope", False)
    assert (found["microphone"]["name"], found["speaker"]["name"]) == ("synthetic", "none")


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('camra = "device"\n')
    code, text = run("--config", str(file))
    assert code == 2
    assert "camra" in text


def test_without_portaudio_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "_sounddevice", lambda: None)
    code, text = run("--camera", "synthetic", "--json")
    assert code == 1
    lacking = [entry for entry in json.loads(text) if not entry["works"]]
    assert {entry["name"] for entry in lacking} == {"PortAudio", "device"}
    assert all("libportaudio2" in entry["remedy"] for entry in lacking)


def test_without_portaudio_synthetic_devices_still_lack_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portaudio, "_sounddevice", lambda: None)
    assert all(finding.works for finding in examine("synthetic", "synthetic", "none"))


def test_each_device_that_is_seen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(
        PortAudioError=RuntimeError,
        query_devices=lambda: [
            {"name": "Table mic", "max_input_channels": 1, "max_output_channels": 0},
            {"name": "Wall speaker", "max_input_channels": 0, "max_output_channels": 2},
        ],
        check_output_settings=lambda **_settings: None,
    )
    monkeypatch.setattr(portaudio, "_sounddevice", lambda: fake)
    findings = examine("synthetic", "synthetic", "device:wall")
    seen = {finding.name: finding for finding in findings}
    assert seen["Table mic"].detail == "seen"
    assert seen["device:wall"].detail == "can play"
    absent = examine("synthetic", "synthetic", "device:phone")[-1]
    assert not absent.works
    assert "no speaker 'phone'" in absent.detail


def test_what_is_missing_is_named_with_its_remedy(tmp_path: Path) -> None:
    findings = examine("file:/no/such.mp4", "synthetic", f"file:{tmp_path}/out.wav")
    lacking = [finding for finding in findings if not finding.works]
    assert [finding.detail for finding in lacking] == ["/no/such.mp4 does not exist"]
    assert lacking[0].remedy
    assert "device" not in {finding.name for finding in findings}


def test_a_driver_that_raises_or_hangs_does_not_take_the_doctor_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("driver")

    monkeypatch.setattr("kiosk.devices.camera.pictures", broken)
    finding = next(f for f in examine("synthetic", "none", "none") if f.name == "synthetic")
    assert not finding.works
    assert finding.detail == "ZeroDivisionError: driver"
