"""What kiosks found out about their lines is kept, each result once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from signaling.protocol.line_cards import (
    MinuteCard,
    ModemCard,
    ModemTroubleCard,
    Result,
    SpeedCard,
    SpreadCard,
    TrainCard,
    VoiceCard,
)
from visiohub.booking.lines.checks import answer_check, clear_by_test
from visiohub.booking.lines.grades import SILENT
from visiohub.booking.lines.modems import note_trouble
from visiohub.booking.lines.ordered import answer_test
from visiohub.booking.lines.others import without_calls
from visiohub.booking.lines.speeds import keep_speed
from visiohub.domain.line import Figures, ModemFigures, TrainResult, Way
from visiohub.domain.line_figures import counted, together
from visiohub.domain.model import Line
from visiohub.linkquality.bursts import REMEMBERED_S, greatest, proves
from visiohub.linkquality.grading import Grade
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
MOST_AHEAD = timedelta(minutes=2)
"""Results of a later time are of a clock that is wrong."""


@dataclass(frozen=True)
class Kept:
    """How many results were new, and how many were of a time that cannot be."""

    kept: int = 0
    refused: int = 0


def keep_results(
    uow: UnitOfWork, batches: Iterable[tuple[str, Sequence[Result]]], now: datetime
) -> Kept:
    """Each (kiosk id, results); what came before changes nothing. A kiosk without a line says
    nothing that could be kept."""
    total = Kept()
    oldest = now - timedelta(days=uow.settings.keep_line_minutes_days)
    for kiosk_id, results in batches:
        line = uow.lines.of_kiosk(kiosk_id)
        good = [r for r in results if oldest <= r.at <= now + MOST_AHEAD] if line else []
        kept = _keep(uow, line, kiosk_id, good, now) if line else 0
        total = Kept(total.kept + kept, total.refused + len(results) - len(good))
    return total


def roll_days(uow: UnitOfWork, numbers: Collection[int], now: datetime) -> None:
    """Put the last two days' quarters of an hour together, of these lines."""
    for number in numbers:
        for day in (_floor(now, DAY) - DAY, _floor(now, DAY)):
            _roll(uow, number, day, DAY)


def forget_figures(uow: UnitOfWork, numbers: Collection[int], now: datetime) -> None:
    """Erase of these lines what the settings `keep_line_*_days` no longer allow to be kept."""
    series, s = uow.linkquality.series, uow.settings
    minutes, quarters, days = (
        now - timedelta(days=kept)
        for kept in (s.keep_line_minutes_days, s.keep_line_quarters_days, s.keep_line_days_days)
    )
    series.forget(minutes, Resolution.MINUTES, numbers)
    series.forget(quarters, Resolution.QUARTERS, numbers)
    series.forget_results(quarters, numbers)
    series.forget(days, Resolution.DAYS, numbers)


def forget_events(uow: UnitOfWork, now: datetime) -> None:
    """Erase what happened on lines, and in calls, as their figures are."""
    uow.linkquality.call_minutes.forget(now - timedelta(days=uow.settings.keep_line_quarters_days))
    days = now - timedelta(days=uow.settings.keep_line_days_days)
    uow.linkquality.alerts.forget(days)
    uow.linkquality.tests.forget(days)
    uow.linkquality.checks.forget(days)
    uow.linkquality.pictures.forget_orphans()


def _keep(
    uow: UnitOfWork, line: Line, kiosk_id: str, results: Sequence[Result], now: datetime
) -> int:
    state = uow.linkquality.states.of(line.id)
    series, number = uow.linkquality.series, state.number
    minutes = [_figures(r) for r in results if isinstance(r, MinuteCard)]
    trains = [_train(r) for r in results if isinstance(r, TrainCard)]
    read = sorted((_modem(r) for r in results if isinstance(r, ModemCard)), key=lambda m: m.at)
    modem = without_calls(uow, line, number, kiosk_id, read)
    new = series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
    new += series.add_trains([(number, one) for one in trains])
    new += series.add_modem([(number, one) for one in modem])
    for result in results:
        if isinstance(result, VoiceCard):
            if answer_check(uow, line.id, result, now):
                new += 1
            elif answer_test(uow, line.id, result, now):
                new += 1
                clear_by_test(uow, state.id, result, now)
        elif isinstance(result, SpeedCard):
            new += keep_speed(uow, state.id, result, now)
        elif isinstance(result, (ModemCard, ModemTroubleCard)):
            note_trouble(uow, state.id, result)
    for start in sorted({_floor(one.at, QUARTER) for one in minutes}):
        _roll(uow, number, start, QUARTER)
    # Today is put together by the hour (roll_days); what comes late belongs to a day that is done.
    for start in sorted({_floor(one.at, DAY) for one in minutes} - {_floor(now, DAY)}):
        _roll(uow, number, start, DAY)
    heard = [one.at for one in minutes if one.sent > one.lost]
    known = state.heard_at
    # What lies ahead was heard before the hub's clock was set back.
    if heard and (known is None or known > now + MOST_AHEAD or max(heard) > known):
        state.heard_at = max(heard)
        if state.grade is Grade.NO_DATA and now - state.heard_at < SILENT:
            state.grade = Grade.UNKNOWN  # until it is graded, within minutes: it is silent no more
    if any(_tells_burst(train) for train in trains):
        since = state.known_from(now - timedelta(seconds=REMEMBERED_S))
        week = series.trains(number, since, now + MOST_AHEAD)
        for way in Way:
            seen = [one.burst_octets for one in week if one.way is way and _tells_burst(one)]
            setattr(state, f"burst_{way}_octets", greatest(seen))
    return new


def _tells_burst(train: TrainResult) -> bool:
    known = train.kbit_s is not None and not train.in_call
    return known and proves(train.packets, train.burst_octets)


def _roll(uow: UnitOfWork, number: int, start: datetime, length: timedelta) -> None:
    series = uow.linkquality.series
    from_, into = (
        (Resolution.MINUTES, Resolution.QUARTERS)
        if length == QUARTER
        else (Resolution.QUARTERS, Resolution.DAYS)
    )
    rows = series.figures(number, start, start + length, from_)
    if rows:
        series.put_figures([(number, together(start, rows))], into)


def _figures(card: MinuteCard) -> Figures:
    def spread(name: str, card: SpreadCard | None) -> dict[str, float]:
        return {} if card is None else {f"{name}_{p}": v for p, v in card.model_dump().items()}

    # No more can be lost than was sent, nor in its parts than in all, whatever a kiosk says.
    lost = min(card.lost, card.sent)
    lost_up = min(card.lost_up, lost)
    return Figures(
        at=_floor(card.at, timedelta(minutes=1)),
        in_call=int(card.in_call),
        out=int(card.out),
        sent=card.sent,
        lost=lost,
        lost_up=lost_up,
        lost_down=min(card.lost_down, lost - lost_up),
        loss_runs=min(card.loss_runs, lost),
        longest_run=min(card.longest_run, lost),
        octets_up=card.octets_up,
        octets_down=card.octets_down,
        # what the kiosk says itself is exact, counts are to 2.4 %
        **counted(dict(card.two_way_counts)) | spread("rtt", card.two_way),
        **spread("up", card.up),  # type: ignore[arg-type]
        **spread("down", card.down),  # type: ignore[arg-type]
    )


def _train(card: TrainCard) -> TrainResult:
    fields = card.model_dump(exclude={"kind", "way"})
    if card.doubt is not None:
        fields["kbit_s"] = None  # a figure with a doubt is none, whatever a kiosk says
    return TrainResult(way=Way(card.way), **fields)


def _modem(card: ModemCard) -> ModemFigures:
    ways = {
        f"{way}_{name}": value
        for way, one in (("up", card.up), ("down", card.down))
        for name, value in one.model_dump().items()
    }
    return ModemFigures(
        card.at, card.standard, retrains=card.retrains, uptime_s=card.uptime_s, **ways
    )


def _floor(at: datetime, step: timedelta) -> datetime:
    """The begin of the step, counted from 1970 in UTC."""
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(step.total_seconds()), UTC)
