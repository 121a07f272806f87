from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.errors import DeviceError
from kiosk.devices.specs import Spec, parse_spec


def test_every_form_is_read(tmp_path: Path) -> None:
    clip = tmp_path / "clip: one.mp4"
    clip.write_bytes(b"")
    assert parse_spec("camera", "synthetic") == Spec("camera", "synthetic")
    assert parse_spec("camera", "none") == Spec("camera", "none")
    assert parse_spec("camera", "device") == Spec("camera", "device")
    assert parse_spec("camera", " device:HD Webcam ") == Spec("camera", "device", "HD Webcam")
    assert parse_spec("camera", f"file:{clip}") == Spec("camera", "file", str(clip))
    rtsp = "rtsp://10.0.0.2:554/live?x=y:z"
    assert parse_spec("microphone", f"url:{rtsp}") == Spec("microphone", "url", rtsp)


def test_a_camera_path_that_does_not_exist_is_named_with_its_remedy() -> None:
    with pytest.raises(DeviceError) as caught:
        parse_spec("camera", "file:/no/such/clip.mp4")
    assert caught.value.code == "no_such_path"
    assert caught.value.field == "camera"
    assert str(caught.value).startswith("camera: /no/such/clip.mp4 does not exist. ")


def test_a_folder_is_no_camera(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="is not a file"):
        parse_spec("camera", f"file:{tmp_path}")


def test_what_is_written_needs_its_folder_only(tmp_path: Path) -> None:
    assert parse_spec("speaker", f"file:{tmp_path}/new.wav").form == "file"
    with pytest.raises(DeviceError, match="folder /no/such does not exist"):
        parse_spec("speaker", "file:/no/such/new.wav")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("camera", ""),
        ("camera", "webcam"),
        ("camera", "file:"),
        ("camera", "url:"),
        ("camera", "synthetic:1"),
        ("speaker", "url:http://x/"),
        ("video_out", "device"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_forms_that_do(kind: str, text: str) -> None:
    with pytest.raises(DeviceError, match="Write ") as caught:
        parse_spec(kind, text)  # type: ignore[arg-type]
    assert caught.value.code == "bad_spec"
    assert caught.value.field == kind


@given(st.text(max_size=40))
def test_any_text_is_a_spec_or_a_clear_refusal(text: str) -> None:
    spec, refusal = None, None
    try:
        spec = parse_spec("camera", text)
    except DeviceError as error:
        refusal = error
    if spec is not None:
        assert parse_spec("camera", str(spec)) == spec
    else:
        assert refusal is not None
        assert refusal.field == "camera"
        assert refusal.remedy
