"""What the player needs of a decoder. Pure: a shape alone."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
"""Samples from -1 to 1 at 48 kHz; one row a sample where there are two channels."""


class Undecodable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """The packet is corrupt."""


class SoundDecoder(Protocol):
    """`opus.Decoder`, or a scripted one."""

    def decode(self, payload: bytes) -> Sound:
        """One packet; raises Undecodable."""
        ...

    def decode_spare(self, payload: bytes, samples: int) -> Sound:
        """The lost `samples` before `payload`, from its spare copy; raises Undecodable."""
        ...

    def conceal(self, samples: int) -> Sound:
        """What probably went on."""
        ...
