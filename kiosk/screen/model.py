"""Small parts of the view-model that every screen uses: plain JSON."""

from __future__ import annotations

from typing import Any

from kiosk.scene import Do

Model = dict[str, Any]


def button(
    label: str,
    do: Do,
    value: str = "",
    *,
    look: str = "outline",
    icon: str = "",
    pressed: bool | None = None,
    on: bool = False,
    other: str = "",
    language: str = "",
) -> Model:
    """One button. `look` is a class of the style sheet, `icon` stands beside the word.

    `pressed` is for a label that stays; beside one that changes it would say the reverse, and the
    button is `on` for the eye alone. `other` is that second label: the button is wide enough for
    both, so that nothing moves.
    """
    model: Model = {"label": label, "look": look, "action": {"do": do.value, "value": value}}
    if icon:
        model["icon"] = icon
    if pressed is not None:
        model["pressed"] = pressed
    if on:
        model["look"] = f"{look} on"
    if other:
        model["other"] = other
    if language:
        model["language"] = language
    return model


def sentence(shape: str, text: str) -> Model:
    """A sentence with its shape of the status vocabulary: `tick`, `half`, `triangle`, `cross`..."""
    return {"shape": shape, "text": text}
