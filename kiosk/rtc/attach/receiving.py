"""Receiving: bounded queues, and the kiosk's own reassembly."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
import queue
import time
import types
from typing import Any, cast

import aiortc.codecs
import av
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import NackGenerator, RemoteStreamTrack, RTCRtpReceiver
from aiortc.rtp import RtpPacket

from kiosk.rtc.order import FAR_AHEAD, AudioOrder, VideoOrder, h264_key_start, vp8_key_start

_MOST_UNDECODED = 30


class NewestTrack(RemoteStreamTrack):
    """A far track whose queue is bounded: a slow reader loses old frames, not memory."""

    def __init__(self, kind: str, id: str | None = None) -> None:  # noqa: A002 - aiortc's signature
        super().__init__(kind, id)
        self._queue = _NewestQueue(1 if kind == "video" else 10)


class _NewestQueue(asyncio.Queue[Any]):
    async def put(self, item: Any) -> None:
        while self.full():
            self.get_nowait()
        self.put_nowait(item)


class _Nack(NackGenerator):
    """Asks again for single losses; after an outage a whole picture is cheaper than a burst."""

    def add(self, packet: RtpPacket) -> bool:
        if self.max_seq is not None:
            jump = (packet.sequence_number - self.max_seq) & 0xFFFF
            if FAR_AHEAD // 2 < jump < 0x8000:
                self.missing.clear()
                self.max_seq = packet.sequence_number
                return False
        return super().add(packet)


class KioskReceiver(RTCRtpReceiver):
    """aiortc's receiver with the kiosk's reassembly (order.py) in place of its jitter buffer."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self._asking: set[asyncio.Task[None]] = set()
        self._private = cast("Any", self)  # for aiortc's mangled names, which have no types
        self.order: VideoOrder | AudioOrder = (
            VideoOrder(self._is_key_start) if kind == "video" else AudioOrder()
        )
        self._private._RTCRtpReceiver__jitter_buffer = types.SimpleNamespace(add=self._take)
        if kind == "video":
            self.order = VideoOrder(self._is_key_start)
            self._private._RTCRtpReceiver__nack_generator = _Nack()

    def _take(self, packet: RtpPacket) -> tuple[bool, None]:
        ask, frames = self.order.add(packet, time.monotonic())
        decoder: queue.Queue[Any] = self._private._RTCRtpReceiver__decoder_queue
        for frame in frames:
            codec = self._private._RTCRtpReceiver__codecs[frame[0].payload_type]
            data = b"".join(part._data for part in frame)
            timestamp = self._private._RTCRtpReceiver__timestamp_mapper.map(frame[0].timestamp)
            decoder.put((codec, JitterFrame(data, timestamp)))
        if decoder.qsize() > _MOST_UNDECODED:  # decoding is too slow: catch up
            with decoder.mutex:
                decoder.queue.clear()
            self.order.restart()
        return ask, None

    def _is_key_start(self, packet: RtpPacket) -> bool:
        codec = self._private._RTCRtpReceiver__codecs.get(packet.payload_type)
        match codec.name if codec else "":
            case "VP8":
                return vp8_key_start(packet.payload)
            case "H264":
                return h264_key_start(packet.payload)
        return True

    def ask_whole_picture(self) -> None:
        """Send a PLI (RFC 4585 §6.3.1) for every source of this receiver."""
        for source in self._private._RTCRtpReceiver__remote_streams:
            task = asyncio.get_running_loop().create_task(self._send_rtcp_pli(source))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    @property
    def packets(self) -> tuple[int, int]:
        """Packets received and packets lost, since the beginning."""
        streams = self._private._RTCRtpReceiver__remote_streams.values()
        return (
            sum(stream.packets_received for stream in streams),
            sum(max(0, stream.packets_lost) for stream in streams),
        )


class _StampingDecoder:
    """Notes on each picture when it was decoded, for the age at which the screen shows it."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    def decode(self, frame: JitterFrame) -> list[Any]:
        frames: list[Any] = self._decoder.decode(frame)
        for decoded in frames:
            if isinstance(decoded, av.VideoFrame):
                decoded.opaque = time.monotonic()
        return frames


def stamping_decoder(codec: Any) -> _StampingDecoder:
    """aiortc's decoder for this codec, with the instant noted on each picture."""
    return _StampingDecoder(aiortc.codecs.get_decoder(codec))
