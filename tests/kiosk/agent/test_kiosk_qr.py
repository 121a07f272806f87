"""QR reading from drawn pictures: noise, tilt, distance, and what is no convocation."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.qr import QrReader, convocation

TEXT = "VH1.1670650053979520.RzQqkldQAFApkJZtdLtifQ"
SEED = 20261120


def picture(text: str, *, side: int = 240, tilt: float = 0.0, noise: float = 0.0) -> np.ndarray:
    """A sheet with a QR before a grey room, as a 640x480 camera sees it."""
    code = cv2.copyMakeBorder(
        cv2.QRCodeEncoder.create().encode(text), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255
    )
    code = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
    room = np.full((480, 640), 110, np.uint8)
    room[120 : 120 + side, 200 : 200 + side] = code
    turn = cv2.getRotationMatrix2D((320, 240), tilt, 1.0)
    room = cv2.warpAffine(room, turn, (640, 480), borderValue=110)
    grain = np.random.default_rng(SEED).normal(0, noise, room.shape)
    return np.clip(room + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "shot", [{}, {"tilt": 12}, {"noise": 20}, {"side": 170}, {"tilt": -8, "noise": 12}], ids=str
)
def test_it_reads_a_held_up_convocation(shot: dict[str, float]) -> None:
    print("seed", SEED)
    assert QrReader().read(picture(TEXT, **shot)) == TEXT  # type: ignore[arg-type]


def test_an_empty_room_says_nothing() -> None:
    assert QrReader().read(np.full((480, 640), 110, np.uint8)) is None


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        (TEXT, True),
        (f" {TEXT}\n", True),
        ("https://example.org", False),
        ("VH1.", False),
        ("VH2" + TEXT[3:], False),
        (TEXT + "x" * 300, False),
        (TEXT + "\n" + TEXT, False),
    ],
)
def test_only_convocations_are_accepted(text: str, accepted: bool) -> None:
    assert convocation(text) == (text.strip() if accepted else None)
