"""The list of cameras, while they come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.devices import camera


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder of V4L2 nodes, of which each has its file in /dev."""
    monkeypatch.setattr(camera, "_V4L", tmp_path)
    monkeypatch.setattr(camera, "_DEV", tmp_path)
    return tmp_path


def plug_in(nodes: Path, node: str, name: bytes) -> None:
    (nodes / node).mkdir()
    (nodes / node / "name").write_bytes(name + b"\n")


def test_a_name_that_is_cut_in_the_middle_of_a_letter_is_read(nodes: Path) -> None:
    plug_in(nodes, "video0", f"Webcam{'é' * 13}".encode()[:31])
    assert camera.list_cameras() == [(f"{nodes}/video0", f"Webcam{'é' * 12}\ufffd")]
    assert camera.device_path("webcamé") == f"{nodes}/video0"


def test_a_camera_that_is_pulled_out_meanwhile_is_passed_over(nodes: Path) -> None:
    plug_in(nodes, "video0", b"Left")
    (nodes / "video1").mkdir()
    plug_in(nodes, "video2", b"Right")
    assert [name for _, name in camera.list_cameras()] == ["Left", "Right"]


def test_a_camera_without_its_file_in_dev_is_none(
    nodes: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plug_in(nodes, "video0", b"Left")
    monkeypatch.setattr(camera, "_DEV", tmp_path / "dev")
    assert camera.list_cameras() == []
    assert camera.device_path("") is None
