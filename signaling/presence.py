"""Who is connected: one connection a kiosk, one a tab (PROTOCOL.md §3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from signaling.peer import Peer
from signaling.ports import BrowserIdentity, KioskIdentity
from signaling.protocol.messages import Devices, FromHub, Lobby
from signaling.session.effects import Tab, Target, ToKiosk, ToPeople, ToTab


@dataclass(eq=False)
class KioskPeer:
    """A connected kiosk, and what it was last told and last told us."""

    identity: KioskIdentity
    peer: Peer
    welcomed_at: float
    """Seconds of the loop's clock."""
    lobby: Lobby | None = None
    devices: Devices | None = None


@dataclass(eq=False)
class TabPeer:
    """A connected tab and the topics it wants to hear of."""

    identity: BrowserIdentity
    tab: Tab
    peer: Peer
    topics: frozenset[str] = field(default_factory=frozenset)


class Presence:
    """The connections, by whom they belong to."""

    def __init__(self, *, tabs_per_person: int) -> None:
        self._tabs_per_person = tabs_per_person
        self._kiosks: dict[str, KioskPeer] = {}
        self._tabs: dict[Tab, TabPeer] = {}
        self._between: dict[str, tuple[str, float]] = {}
        """Who closed a page: of which session, and until when another is expected."""

    def enter_kiosk(self, kiosk: KioskPeer) -> None:
        """A kiosk is in; an older connection of it is sent away."""
        older = self._kiosks.get(kiosk.identity.kiosk_id)
        self._kiosks[kiosk.identity.kiosk_id] = kiosk
        if older is not None:
            older.peer.dismiss("superseded", "this kiosk opened a newer connection")

    def leave_kiosk(self, kiosk: KioskPeer) -> bool:
        """The connection ended. True: the kiosk is away now; False: a newer one serves it."""
        if self._kiosks.get(kiosk.identity.kiosk_id) is not kiosk:
            return False
        del self._kiosks[kiosk.identity.kiosk_id]
        return True

    def enter_tab(self, tab: TabPeer, *, holding: Tab | None) -> None:
        """A tab is in; an older connection of it is sent away.

        Of a person with too many tabs, the longest connected one is sent away, but not the one
        `holding` the person's call.
        """
        older = self._tabs.pop(tab.tab, None)
        self._tabs[tab.tab] = tab
        if older is not None:
            older.peer.dismiss("superseded", "this tab opened a newer connection")
        own = [key for key in self._tabs if key.person_id == tab.tab.person_id]
        if len(own) > self._tabs_per_person:
            oldest = next(key for key in own if key not in {holding, tab.tab})
            self._tabs.pop(oldest).peer.dismiss(
                "superseded", f"more than {self._tabs_per_person} tabs: the oldest gives way"
            )

    def leave_tab(self, tab: TabPeer) -> bool:
        """As `leave_kiosk`."""
        if self._tabs.get(tab.tab) is not tab:
            return False
        del self._tabs[tab.tab]
        return True

    def expect_back(self, tab: TabPeer, until: float) -> None:
        """The tab closed by itself: its person may be on the way from one page to the next."""
        self._between[tab.tab.person_id] = (tab.identity.session_id, until)

    def forget_session(self, session_id: str) -> None:
        """Nobody of this session comes back."""
        self._between = {p: at for p, at in self._between.items() if at[0] != session_id}

    def kiosk(self, kiosk_id: str) -> KioskPeer | None:
        """The connection of this kiosk."""
        return self._kiosks.get(kiosk_id)

    def kiosks(self) -> list[KioskPeer]:
        """All connected kiosks."""
        return list(self._kiosks.values())

    def tabs(self) -> list[TabPeer]:
        """All connected tabs."""
        return list(self._tabs.values())

    def kiosk_ids(self) -> set[str]:
        """Kiosks that are connected."""
        return set(self._kiosks)

    def person_ids(self) -> frozenset[str]:
        """Staff with at least one page open."""
        return frozenset(tab.person_id for tab in self._tabs)

    def reachable_ids(self, now: float) -> frozenset[str]:
        """These, and who is between two pages (§6.2); `now` in seconds of the loop's clock."""
        self._between = {p: at for p, at in self._between.items() if now < at[1]}
        return self.person_ids() | self._between.keys()

    def peers(self) -> list[Peer]:
        """Every connection."""
        return [kiosk.peer for kiosk in self.kiosks()] + [tab.peer for tab in self.tabs()]

    def send(self, to: Target, message: FromHub) -> bool:
        """Send to whoever of the target is connected. False: nobody was."""
        entries = list(self._of(to))
        for entry in entries:
            entry.peer.send(message)
        return bool(entries)

    def _of(self, to: Target) -> Iterator[KioskPeer | TabPeer]:
        match to:
            case ToKiosk(kiosk_id):
                if kiosk := self._kiosks.get(kiosk_id):
                    yield kiosk
            case ToTab(key):
                if tab := self._tabs.get(key):
                    yield tab
            case ToPeople(person_ids):
                for key, tab in self._tabs.items():
                    if key.person_id in person_ids:
                        yield tab
