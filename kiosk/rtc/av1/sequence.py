"""The largest picture that an AV1 sequence header announces. Pure.

Source: AV1 bitstream specification, sections 5.5 (sequence header), 4.10.3 (uvlc).
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.rtc.av1 import obu
from kiosk.rtc.av1.obu import Malformed

_MOST_OCTETS = 512
"""With 32 operating points, the size ends before the 380th."""
_MOST_UVLC_ZEROS = 32


def largest_sizes(temporal_unit: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of each sequence header in a temporal unit; raises Malformed."""
    for unit in obu.split(temporal_unit):
        if unit.kind == obu.SEQUENCE_HEADER:
            yield _size(unit)


class _Bits:
    """The most significant one comes first."""

    def __init__(self, octets: bytes) -> None:
        self._value = int.from_bytes(octets, "big")
        self._left = 8 * len(octets)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise Malformed("a sequence header is cut short")
        return self._value >> self._left & ((1 << count) - 1)

    def skip_uvlc(self) -> None:
        zeros = 0
        while not self.take(1):
            zeros += 1
        if zeros < _MOST_UVLC_ZEROS:
            self.take(zeros)


def _size(unit: obu.Obu) -> tuple[int, int]:
    bits = _Bits(unit.body[:_MOST_OCTETS])
    bits.take(3 + 1)  # seq_profile, still_picture
    if bits.take(1):  # reduced_still_picture_header
        bits.take(5)  # seq_level_idx
    else:
        _skip_operation(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1


def _skip_operation(bits: _Bits) -> None:
    """Times, and the operating points."""
    delay_bits = 0  # without a decoder model
    if bits.take(1):  # timing_info_present_flag
        bits.take(32 + 32)  # num_units_in_display_tick, time_scale
        if bits.take(1):  # equal_picture_interval
            bits.skip_uvlc()
        if bits.take(1):  # decoder_model_info_present_flag
            delay_bits = bits.take(5) + 1
            bits.take(32 + 5 + 5)  # num_units_in_decoding_tick, lengths of two times
    display_delays = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)  # operating_point_idc
        if bits.take(5) > 7:  # seq_level_idx
            bits.take(1)  # seq_tier
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)  # of decoder and encoder, low_delay_mode_flag
        if display_delays and bits.take(1):
            bits.take(4)
