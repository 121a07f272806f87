"""What a packet of IP costs on the wire of an access line. Pure.

ADSL carries AAL5 over ATM: a packet with its encapsulation and AAL5's trailer of 8 octets is padded
to whole payloads of 48 octets, each in a cell of 53 (ITU-T I.363.5, I.361; RFC 2684). So small
packets lose far more than the cell's own tenth, in steps. SDSL over Ethernet, and VDSL2, add
their octets without padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

CELL_OCTETS = 53
CELL_PAYLOAD_OCTETS = 48


@dataclass(frozen=True)
class Framing:
    """How a line wraps a packet; `overhead_octets` includes AAL5's trailer, if any."""

    cells: bool
    overhead_octets: int

    def wire_octets(self, ip_octets: int) -> int:
        """Octets on the wire of one packet."""
        whole = ip_octets + self.overhead_octets
        return -(-whole // CELL_PAYLOAD_OCTETS) * CELL_OCTETS if self.cells else whole

    def ip_kbit_s(self, wire_kbit_s: float, ip_octets: int) -> float:
        """Rate of IP in packets of this size on a line of this rate on the wire."""
        return wire_kbit_s * ip_octets / self.wire_octets(ip_octets)

    def wire_kbit_s(self, ip_kbit_s: float, ip_octets: int) -> float:
        """Rate on the wire that carries this rate of IP in packets of this size."""
        return ip_kbit_s * self.wire_octets(ip_octets) / ip_octets


class Encapsulation(Enum):
    """The usual ones, with the octets beside the IP packet."""

    PPPOA_VC = Framing(cells=True, overhead_octets=10)
    """PPP (2) and trailer (8): RFC 2364, VC-multiplexed."""
    PPPOE_LLC = Framing(cells=True, overhead_octets=40)
    """PPP (2), PPPoE (6), Ethernet (14), LLC, SNAP (10), trailer (8): RFC 2516, RFC 2684 §5.2."""
    ETHERNET = Framing(cells=False, overhead_octets=26)
    """Ethernet (14), its check (4) and PPPoE with PPP (8), on SDSL (EFM) and VDSL2 (PTM)."""
    NONE = Framing(cells=False, overhead_octets=0)
    """A rate that is known as one of IP already."""
