"""The far picture's way from decoded to the screen's page: its age there, and what the way costs.

The kiosk's own screen server sends to a page's stand-in in another process, over loopback, which
acknowledges each picture as the page does. Both read one clock. The last step, the browser's
decoding of a JPEG, is not in it.
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle

import av
import numpy as np

from bench.results import Figure, Result, percentile
from kiosk.screen.jpeg import FAR_WIDTH, jpeg
from kiosk.screen.server import FAR, ScreenServer

RATE = 25
SECONDS = 12
STAND_IN = """
import asyncio, sys, time, aiohttp

async def main(port):
    origin = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as client:
        async with client.ws_connect(f"{origin}/screen", origin=origin, max_msg_size=0) as page:
            async for frame in page:
                if frame.type is aiohttp.WSMsgType.BINARY:
                    now = time.monotonic()
                    sys.stdout.buffer.write(frame.data[-8:] + __import__("struct").pack("d", now))
                    await page.send_str('{"seen": 1}')
    sys.stdout.buffer.flush()

asyncio.run(main(int(sys.argv[1])))
"""


def run() -> Result:
    """640x360 and 640x480, 25 pictures a second each."""
    figures = []
    for width, height in ((640, 360), (640, 480)):
        ages, share = asyncio.run(measure(width, height))
        size = f"{width}x{height} at {RATE}/s"
        figures += [
            Figure(f"{size}: age at the page, p95", percentile(ages, 0.95), "ms", at_most=30.0),
            Figure(f"{size}: share of a core", share * 100, "%", at_most=15.0),
        ]
    return Result("far_picture", tuple(figures))


async def measure(width: int, height: int) -> tuple[list[float], float]:
    """Ages in ms of the pictures that arrived, and this process's share of a core."""
    server = ScreenServer(lambda _action: None)
    await server.start(0)
    page = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STAND_IN, str(server.port), stdout=subprocess.PIPE
    )
    while not server.watched:  # noqa: ASYNC110 (the server has no event for it, nor needs one)
        await asyncio.sleep(0.01)
    frames = cycle(list(pictures(width, height)))
    used, began = os.times(), time.monotonic()
    for number in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        decoded_at = time.monotonic()
        # what follows a JPEG's end marker is not looked at: the instant rides there
        server.push_picture(FAR, jpeg(next(frames), FAR_WIDTH) + struct.pack("d", decoded_at))
    share = (sum(os.times()[:2]) - sum(used[:2])) / (time.monotonic() - began)
    await asyncio.sleep(0.2)
    await server.close()
    output, _ = await asyncio.wait_for(page.communicate(), 10)
    ages = [(came - left) * 1000 for left, came in struct.iter_unpack("dd", output)]
    if len(ages) < RATE * SECONDS * 0.95:
        raise RuntimeError(f"only {len(ages)} of {RATE * SECONDS} pictures arrived")
    return ages, share


def pictures(width: int, height: int) -> Iterator[av.VideoFrame]:
    """A second of moving gradients with grain, as costly to encode as a face in a room."""
    grain = np.random.default_rng(seed=1)
    down, across = np.mgrid[0:height, 0:width]
    for number in range(RATE):
        base = (across + down + 8 * number) % 256
        noisy = base[..., None] + grain.integers(-6, 7, (height, width, 3))
        frame = av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), format="bgr24")
        yield frame.reformat(format="yuv420p")
