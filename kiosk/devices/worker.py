"""The thread behind one device: works while wanted, never raises, tries again when it failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kiosk.devices.errors import DeviceError
from signaling.protocol.cards import DeviceCard, DeviceKind, DeviceStatus

RETRY_S = 3.0
"""Seconds between attempts to get a failed device back."""
LINGER_S = 3.0
"""Seconds a device keeps running after the last wish for it: reopening costs time."""


class Worker:
    """Runs `work` in a daemon thread while somebody wants the device.

    `work(stop)` opens the device, works until `stop` is set, and raises when the device fails.
    It calls `working()` as soon as it has proof that the device works, and `failing()` where it
    will be long in raising. `absent()` says what is not there, or None: all is there, or nobody can
    tell. While `in_use()` it is wanted, and nobody needs to say so.
    """

    def __init__(
        self,
        kind: DeviceKind,
        name: str,
        work: Callable[[threading.Event], None],
        on_change: Callable[[], None],
        *,
        absent: Callable[[], str | None] = lambda: None,
        in_use: Callable[[], bool] = lambda: False,
        status: DeviceStatus = "absent",
        retry_s: float = RETRY_S,
    ) -> None:
        self._work = work
        self._on_change = on_change
        self._absent, self._in_use = absent, in_use
        self._retry_s = retry_s
        self._card = DeviceCard(kind=kind, status=status, name=name[:200])
        self._was_there = status == "ok"
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._wanted_until = time.monotonic() + LINGER_S
        self._thread = threading.Thread(target=self._run, name=f"{kind}-worker", daemon=True)

    def start(self) -> None:
        """Begin, if not begun; the device is opened once at once, to know whether it works."""
        if self._thread.ident is None and not self._closing.is_set():
            self._thread.start()

    @property
    def card(self) -> DeviceCard:
        """The device as it now is."""
        return self._card

    def want(self) -> None:
        """Somebody uses the device now; say it again within `LINGER_S`."""
        self._wanted_until = time.monotonic() + LINGER_S
        self._wake.set()

    @property
    def wanted(self) -> bool:
        """Whether the work should go on; for use inside `work`."""
        wanted = self._in_use() or time.monotonic() < self._wanted_until
        return wanted and not self._closing.is_set()

    def working(self) -> None:
        """Called by `work`: the device has just proved that it works."""
        self._was_there = True
        self._report("ok", "")

    def failing(self, error: DeviceError) -> None:
        """Called by `work`: the device works no longer, and is still to be closed."""
        self._report("failed", str(error))

    def close(self) -> None:
        """Ask the thread to end; returns at once."""
        self._closing.set()
        self._stop.set()
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread; never call it on the event loop."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._closing.is_set():
            if not self.wanted:
                self._idle()
                continue
            try:
                self._work(self._stop)
            except Exception as error:  # noqa: BLE001 - a device must never take the call down
                known = isinstance(error, DeviceError)
                detail = str(error) if known else f"{type(error).__name__}: {error}"
                self._report("failed" if self._lack() is None else self._gone, detail)
                self._closing.wait(self._retry_s)

    def _idle(self) -> None:
        reason = self._lack()
        if reason is not None and self._card.status in ("ok", "failed"):
            self._report(self._gone, reason)
        elif reason is None and self._card.status != "ok":
            self._wanted_until = time.monotonic() + LINGER_S  # try it: it may be back
            return
        self._wake.wait(self._retry_s)
        self._wake.clear()

    @property
    def _gone(self) -> DeviceStatus:
        return "unplugged" if self._was_there else "absent"

    def _lack(self) -> str | None:
        try:
            return self._absent()
        except Exception:  # noqa: BLE001 - whoever cannot look does not know; the thread lives on
            return None

    def _report(self, status: DeviceStatus, detail: str) -> None:
        if (status, detail[:500]) == (self._card.status, self._card.detail):
            return
        self._card = self._card.model_copy(update={"status": status, "detail": detail[:500]})
        self._on_change()
