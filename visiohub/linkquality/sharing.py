"""What is left of a line, dealt out to the calls that are on it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from visiohub.linkquality.budget import Both, Picture, cost
from visiohub.linkquality.cells import Framing


def deal(left: Both, booked: Sequence[Picture], framing: Framing) -> Sequence[Both]:
    """Each call's part, on the wire: first the picture that it was booked with, then as much of
    what remains as any other. Where that is too little for the pictures, sound comes first."""
    sound = cost(Picture.NONE, framing)
    costs = [cost(picture, framing) for picture in booked]
    down = _deal(left.down, [one.down for one in costs], sound.down)
    up = _deal(left.up, [one.up for one in costs], sound.up)
    return [Both(down=d, up=u) for d, u in zip(down, up, strict=True)]


def deal_beside(
    free: Both, now: Both, booked: Sequence[Picture], kept: Sequence[Picture], framing: Framing
) -> Sequence[Both]:
    """Each call's part where others' traffic leaves `now` of `free`: none falls for it below the
    picture that is `kept` for it, as far as the line without them would give it that.

    What others were counted with may be what a call gave up to them a reading before: taken off
    whole each time, an upload that takes all that it finds would talk every call down to nothing.
    The ends share the line with it anyway, by their own congestion control.
    """
    return [
        Both(
            down=max(found.down, min(whole.down, least.down)),
            up=max(found.up, min(whole.up, least.up)),
        )
        for found, whole, least in zip(
            deal(now, booked, framing),
            deal(free, booked, framing),
            [cost(picture, framing) for picture in kept],
            strict=True,
        )
    ]


def _deal(left: float, costs: Sequence[float], sound: float) -> Sequence[float]:
    spare = left - sum(costs)
    if spare >= 0:
        return [one + spare / len(costs) for one in costs]
    rest = left - sound * len(costs)
    if rest <= 0:  # nobody is cut off, and all suffer alike
        return [left / len(costs)] * len(costs)
    pictures = sum(one - sound for one in costs)
    return [sound + rest * (one - sound) / pictures for one in costs]
