"""What a datagram costs on the access line. Pure.

Budgets and estimates of this package count what the line carries, not what the encoder makes: on
ATM a packet of 60 octets of speech takes five cells, so the tax is a third of a thin call.
"""

from __future__ import annotations

from dataclasses import dataclass

IP_UDP_OCTETS = 28
"""IPv4's; the 20 more of IPv6 are 2 % of a full packet and within what is left free."""
RTP_OVERHEAD_OCTETS = 12 + 8 + 10
"""RTP header, one-byte extensions (transport sequence number; a picture's first packet has 4 octets
more, the first hundred 4 for the mid), SRTP's tag (RFC 3711)."""
_CELL_OCTETS = 53
_CELL_PAYLOAD_OCTETS = 48
_PPPOE_LLC_OCTETS = 40
"""PPPoE over bridged Ethernet over AAL5 with LLC (RFC 2516, RFC 2684 §5.2)."""


@dataclass(frozen=True)
class Framing:
    """How the line wraps a UDP payload."""

    cells: bool = False
    """ATM: whole cells of 53 octets, 48 of them carrying something (ADSL, ITU-T I.432)."""
    relay_octets: int = 0
    """What a relay's protocol adds to each; what TCP below it sends again nobody here sees."""

    def octets(self, datagram_octets: int) -> int:
        """What a datagram of so many octets (UDP payload) costs, in octets of the line."""
        packet = datagram_octets + self.relay_octets + IP_UDP_OCTETS
        if not self.cells:
            return packet
        cells = -(-(packet + _PPPOE_LLC_OCTETS) // _CELL_PAYLOAD_OCTETS)
        return cells * _CELL_OCTETS

    def media_octets(self, payload_octets: int) -> int:
        """What an SRTP packet with so many octets of payload costs, in octets of the line."""
        return self.octets(payload_octets + RTP_OVERHEAD_OCTETS)


PLAIN = Framing()
ATM = Framing(cells=True)
