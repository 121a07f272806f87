"""The far picture's file, where what it is written to takes nothing more."""

from __future__ import annotations

import threading

import av
import pytest

from kiosk.devices.specs import parse_spec
from kiosk.rtc import picture_file
from kiosk.rtc.picture_file import PictureFile


@pytest.mark.parametrize("pictures", [1, 20])
def test_it_is_left_however_many_pictures_wait(
    monkeypatch: pytest.MonkeyPatch, pictures: int
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(picture_file, "_CLOSES_IN_S", 0.05)
    monkeypatch.setattr(PictureFile, "_write", lambda _self: goes_on.wait(30))
    file = PictureFile(parse_spec("video_out", "file:far.webm"))
    for _ in range(pictures):
        file.show(av.VideoFrame(64, 48, "yuv420p"))
    file.close()
    assert not goes_on.is_set()
    goes_on.set()
