"""What the call machine wants done, in order. The server records before it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from signaling.protocol.messages import FromHub
from signaling.session.facts import CallFact


class Tab(NamedTuple):
    """One page of one member of staff."""

    person_id: str
    tab_id: str


@dataclass(frozen=True)
class ToKiosk:
    """The kiosk of the call."""

    kiosk_id: str


@dataclass(frozen=True)
class ToTab:
    """One tab of the agent."""

    tab: Tab


@dataclass(frozen=True)
class ToPeople:
    """Every tab of these people."""

    person_ids: frozenset[str]


Target = ToKiosk | ToTab | ToPeople


@dataclass(frozen=True)
class Record:
    """Write this down durably before the effects that follow."""

    fact: CallFact


@dataclass(frozen=True)
class Send:
    """Tell somebody, if connected; who is not learns it from the card in the next welcome."""

    to: Target
    message: FromHub


Effect = Record | Send
