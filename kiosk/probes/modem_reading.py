"""Two readings of the modem as what the hub wants to know. Pure."""

from __future__ import annotations

from datetime import datetime

from signaling.protocol.line_cards import ModemCard, ModemWay
from visiohub.linkquality.modem import ModemState, Way, WayNews, news


def modem_card(
    at: datetime,
    before: ModemState | None,
    after: ModemState,
    elapsed_s: float,
    own_octets: tuple[int, int] | None = None,
) -> ModemCard:
    """The reading `after`, which was taken `at`, with what happened in the `elapsed_s` between.

    `own_octets` are the kiosk's own in that time, received and sent; None: not counted, so that
    nothing can be said of others.
    """
    happened = news(before, after, elapsed_s)
    received, sent = own_octets or (None, None)
    return ModemCard(
        at=at,
        standard=after.mib.value,
        down=_way(after.down, happened.down, elapsed_s, received),
        up=_way(after.up, happened.up, elapsed_s, sent),
        retrains=happened.retrains,
        uptime_s=after.line_uptime_s,
    )


def _way(way: Way, happened: WayNews, elapsed_s: float, own: int | None) -> ModemWay:
    others = None
    # the probes alone are more than nothing: a count that stands still is not the line's
    if happened.octets and own is not None:
        others = max(0.0, (happened.octets - own) * 8 / 1000 / elapsed_s)
    return ModemWay(
        sync_kbit_s=way.sync_kbit_s,
        attainable_kbit_s=way.attainable_kbit_s,
        snr_db=way.snr_db,
        attenuation_db=way.attenuation_db,
        errored_s=happened.errored_s,
        severely_errored_s=happened.severely_errored_s,
        others_kbit_s=others,
    )
