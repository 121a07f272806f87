"""The sizes that a stream of AV1 tells a decoder to make room for. Pure.

A sequence header says the largest, and a picture may have a size of its own. It should not be the
larger one, but decoders go by it: dav1d 1.5 makes room for 4096x4096 in a sequence of 64x64.

Source: AV1 bitstream specification, sections 5.9.2 (uncompressed header) to 5.9.7 (frame size).
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.rtc.av1 import obu, sequence
from kiosk.rtc.av1.bits import Bits
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.sequence import Sequence

_FRAME_HEADERS = frozenset({obu.FRAME_HEADER, obu.FRAME, obu.REDUNDANT_FRAME_HEADER})
_MOST_OCTETS = 256
"""With times for 32 operating points, the size ends before the 190th."""
_KEY, _INTRA_ONLY, _SWITCH = 0, 2, 3
_REFERENCES, _REFERENCES_USED = 8, 7


class PictureSizes:
    """Reads one stream in order, as its decoder does."""

    def __init__(self) -> None:
        self._sequence: Sequence | None = None

    def of(self, temporal_unit: bytes, *, whole: bool) -> Iterator[tuple[int, int]]:
        """Width and height of each sequence header, and of pictures that have their own.

        A `whole` unit brings its sequence header: what its decoder knows from before, which may not
        have seen all that was read here, does not count.

        Raises:
            Malformed: it is no temporal unit, a header is cut short, or a picture's comes before
                its sequence's.
        """
        if whole:
            self._sequence = None
        for unit in obu.split(temporal_unit):
            if unit.kind == obu.SEQUENCE_HEADER:
                self._sequence = sequence.read(unit)
                yield self._sequence.width, self._sequence.height
            elif unit.kind in _FRAME_HEADERS:
                if self._sequence is None:
                    raise Malformed("a picture without its sequence header")
                own = _own_size(unit, self._sequence)
                if own is not None:
                    yield own


def _own_size(unit: obu.Obu, sequence: Sequence) -> tuple[int, int] | None:
    """None: the sequence's, or one that an earlier picture had."""
    if sequence.still:
        return None
    bits = Bits(unit.body[:_MOST_OCTETS])
    if bits.take(1):  # show_existing_frame
        return None
    kind, shown = bits.take(2), bits.take(1)
    bits.take(sequence.times.presentation if shown else 1)  # else showable_frame
    begins = kind == _KEY and bool(shown)
    resilient = kind == _SWITCH or begins or bool(bits.take(1))
    bits.take(1)  # disable_cdf_update
    screen_tools = bits.take(1) if sequence.screen_tools > 1 else sequence.screen_tools
    if screen_tools and sequence.whole_vectors > 1:
        bits.take(1)  # force_integer_mv
    bits.take(sequence.id_bits)
    if kind != _SWITCH and not bits.take(1):  # frame_size_override_flag
        return None
    bits.take(sequence.order_bits)
    intra = kind in (_KEY, _INTRA_ONLY)
    if not (intra or resilient):
        bits.take(3)  # primary_ref_frame
    _skip_removal_times(bits, sequence, unit)
    refreshes_all = begins or kind == _SWITCH or bits.take(8) == 0xFF
    if resilient and not (intra and refreshes_all):
        bits.take(_REFERENCES * sequence.order_bits)  # ref_order_hint
    if not intra:
        _skip_references(bits, sequence)
        if not resilient and _found_reference(bits):
            return None
    return bits.take(sequence.width_bits) + 1, bits.take(sequence.height_bits) + 1


def _skip_removal_times(bits: Bits, sequence: Sequence, unit: obu.Obu) -> None:
    if not sequence.times.removal or not bits.take(1):  # buffer_removal_time_present_flag
        return
    for point in sequence.points:
        if point.timed and (not point.layers or unit.is_of(point.layers)):
            bits.take(sequence.times.removal)


def _skip_references(bits: Bits, sequence: Sequence) -> None:
    short = sequence.order_bits and bits.take(1)  # frame_refs_short_signaling
    if short:
        bits.take(3 + 3)  # last_frame_idx, gold_frame_idx
    for _ in range(_REFERENCES_USED):
        bits.take((0 if short else 3) + sequence.id_step_bits)


def _found_reference(bits: Bits) -> bool:
    """Whether the size is an earlier picture's (frame_size_with_refs)."""
    return any(bits.take(1) for _ in range(_REFERENCES_USED))
