"""What an AV1 sequence header says of the pictures after it, as far as their sizes go. Pure.

Source: AV1 bitstream specification, section 5.5.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.rtc.av1 import obu
from kiosk.rtc.av1.bits import Bits

_MOST_OCTETS = 512
"""With 32 operating points, what is read ends before the 390th."""
_CHOSEN_BY_PICTURE = 2
"""SELECT_SCREEN_CONTENT_TOOLS and SELECT_INTEGER_MV."""


@dataclass(frozen=True)
class OperatingPoint:
    """Layers that are decoded together."""

    layers: int = 0
    """operating_point_idc: a bit for each temporal and each spatial one; 0: there are none."""
    timed: bool = False
    """decoder_model_present_for_this_op."""


@dataclass(frozen=True)
class Times:
    """Lengths in bits of the times that picture headers carry; 0: they carry none."""

    presentation: int = 0
    removal: int = 0


@dataclass(frozen=True)
class Sequence:
    """What is needed to read a picture's header up to its size."""

    width: int
    """Largest width of its pictures, as it says."""
    height: int
    width_bits: int = 16
    height_bits: int = 16
    still: bool = False
    """reduced_still_picture_header: pictures have next to no header."""
    times: Times = Times()
    points: tuple[OperatingPoint, ...] = ()
    id_bits: int = 0
    """Of a picture's number; 0: it has none."""
    id_step_bits: int = 0
    screen_tools: int = _CHOSEN_BY_PICTURE
    whole_vectors: int = _CHOSEN_BY_PICTURE
    order_bits: int = 0
    """Of a picture's place in the order; 0: it has none."""


def read(unit: obu.Obu) -> Sequence:
    """From an OBU of this kind; raises Malformed."""
    bits = Bits(unit.body[:_MOST_OCTETS])
    bits.take(3 + 1)  # seq_profile, still_picture
    still = bool(bits.take(1))
    if still:
        bits.take(5)  # seq_level_idx
    times, points = (Times(), ()) if still else _operation(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(width_bits) + 1, bits.take(height_bits) + 1
    if still:
        return Sequence(width, height, width_bits, height_bits, still=True)
    id_bits = id_step_bits = 0
    if bits.take(1):  # frame_id_numbers_present_flag
        id_step_bits = bits.take(4) + 2
        id_bits = bits.take(3) + id_step_bits + 1
    bits.take(3 + 4)  # block size and prediction tools
    if ordered := bool(bits.take(1)):  # enable_order_hint
        bits.take(2)  # enable_jnt_comp, enable_ref_frame_mvs
    screen_tools = _CHOSEN_BY_PICTURE if bits.take(1) else bits.take(1)
    whole_vectors = _CHOSEN_BY_PICTURE
    if screen_tools and not bits.take(1):  # seq_choose_integer_mv
        whole_vectors = bits.take(1)
    order_bits = bits.take(3) + 1 if ordered else 0
    return Sequence(
        width, height, width_bits, height_bits, False, times, points,
        id_bits, id_step_bits, screen_tools, whole_vectors, order_bits,
    )  # fmt: skip


def _operation(bits: Bits) -> tuple[Times, tuple[OperatingPoint, ...]]:
    """Times, and the operating points."""
    delay_bits = 0  # without a decoder model
    times = Times()
    if bits.take(1):  # timing_info_present_flag
        bits.take(32 + 32)  # num_units_in_display_tick, time_scale
        if even := bits.take(1):  # equal_picture_interval
            bits.skip_uvlc()
        if bits.take(1):  # decoder_model_info_present_flag
            delay_bits = bits.take(5) + 1
            bits.take(32)  # num_units_in_decoding_tick
            removal, presentation = bits.take(5) + 1, bits.take(5) + 1
            times = Times(0 if even else presentation, removal)
    display_delays = bits.take(1)
    points = []
    for _ in range(bits.take(5) + 1):
        layers = bits.take(12)
        if bits.take(5) > 7:  # seq_level_idx
            bits.take(1)  # seq_tier
        timed = bool(delay_bits and bits.take(1))
        if timed:
            bits.take(2 * delay_bits + 1)  # of decoder and encoder, low_delay_mode_flag
        if display_delays and bits.take(1):
            bits.take(4)
        points.append(OperatingPoint(layers, timed))
    return times, tuple(points)
