from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hub_world import NOW
from mail_server import MailServer
from postgresql_server import on_both_databases

from visiohub.bootstrap import Hub
from visiohub.notify.delivery import deliver
from visiohub.notify.message import LEASE, MOST_ATTEMPTS, Channel, Message, next_try
from visiohub.notify.notice import Change, Notice, Reader, Time, to_content
from visiohub.storage.outbox import outbox

pytestmark = on_both_databases

PROGRAM = Path(__file__).with_name("deliver_once.py")


def notice(number: int = 0) -> Notice:
    starts_at = NOW + timedelta(days=1, hours=number)
    return Notice(
        change=Change.BOOKED,
        reader=Reader.CITIZEN,
        language="fr",
        time_zone="Europe/Paris",
        changed_at=NOW,
        times=(Time(f"a{number}@visiohub", 0, starts_at, starts_at + timedelta(minutes=30)),),
        place=("Mairie", "1 place du Four", "05600 Guillestre"),
    )


def put(hub: Hub, *recipients: str) -> list[str]:
    with hub.uow() as uow:
        ids = [
            uow.outbox.put(Channel.MAIL, recipient, to_content(notice(n)), NOW)
            for n, recipient in enumerate(recipients)
        ]
        uow.commit()
    return ids


def claim(hub: Hub, now: datetime = NOW) -> Message | None:
    with hub.uow() as uow:
        message = uow.outbox.claim(now)
        uow.commit()
    return message


def message_ids(ids: list[str]) -> list[str]:
    return [f"<{one}@example.fr>" for one in ids]


def test_what_is_due_is_sent_once_and_forgotten(hub: Hub, post: MailServer) -> None:
    ids = put(hub, "a@example.fr", "b@example.fr")
    assert deliver(hub, lambda: False) == 2
    assert deliver(hub, lambda: False) == 0
    assert post.ids() == message_ids(ids)
    assert post.recipients == ["a@example.fr", "b@example.fr"]
    with hub.uow() as uow:
        assert uow.outbox.purge(NOW + timedelta(seconds=1)) == 2


def test_nothing_is_sent_that_is_not_committed(hub: Hub, post: MailServer) -> None:
    with hub.uow() as uow:
        uow.outbox.put(Channel.MAIL, "a@example.fr", to_content(notice()), NOW)
    assert deliver(hub, lambda: False) == 0
    assert post.taken == []


def test_a_hub_that_is_to_stop_begins_no_message(hub: Hub, post: MailServer) -> None:
    put(hub, "a@example.fr")
    assert deliver(hub, lambda: True) == 0
    assert post.taken == []


def test_a_server_that_is_away_is_asked_again_and_later_each_time(
    hub: Hub, post: MailServer
) -> None:
    (one,) = put(hub, "a@example.fr")
    post.before_taking = lambda: "451 try later"
    now, tries = NOW, 0
    while tries < 20 and next_try(now, tries + 1) is not None:
        hub.clock = lambda at=now: at  # type: ignore[misc]
        deliver(hub, lambda: False)
        assert deliver(hub, lambda: False) == 0  # not before its time
        tries += 1
        now = next_try(now, tries) or now
    assert tries == MOST_ATTEMPTS - 1
    assert timedelta(hours=23) < now - NOW < timedelta(hours=25)
    post.before_taking = lambda: None
    hub.clock = lambda: now
    assert deliver(hub, lambda: False) == 1
    assert post.ids() == message_ids([one])


def test_what_is_refused_for_good_is_a_dead_letter_and_can_be_tried_anew(
    hub: Hub, post: MailServer
) -> None:
    gone, there = put(hub, "gone@example.fr", "there@example.fr")
    post.refuse_recipient = lambda a: "550 no such user" if a.startswith("gone") else None
    assert deliver(hub, lambda: False) == 1
    with hub.uow() as uow:
        (dead,) = uow.outbox.dead()
        assert (dead.id, dead.attempts, dead.last_error) == (gone, 1, "550 no such user")
        assert uow.outbox.revive(gone, NOW)
        assert not uow.outbox.revive(there, NOW)
        uow.commit()
    post.refuse_recipient = lambda _address: None
    assert deliver(hub, lambda: False) == 1
    assert post.ids() == message_ids([there, gone])


def test_what_cannot_be_written_holds_nobody_up(hub: Hub, post: MailServer) -> None:
    with hub.uow() as uow:
        uow.outbox.put(Channel.MAIL, "a@example.fr", {"notice": "{}"}, NOW)
        uow.commit()
    put(hub, "b@example.fr")
    assert deliver(hub, lambda: False) == 1
    assert post.recipients == ["b@example.fr"]


def test_messages_to_one_address_keep_their_order(hub: Hub, post: MailServer) -> None:
    first, second = put(hub, "a@example.fr", "a@example.fr")
    post.before_taking = lambda: "451 try later"
    deliver(hub, lambda: False)
    post.before_taking = lambda: None
    assert deliver(hub, lambda: False) == 0  # the second waits for the first
    hub.clock = lambda: NOW + timedelta(minutes=2)
    assert deliver(hub, lambda: False) == 2
    assert post.ids() == message_ids([first, second])


def test_one_hub_at_a_time_has_a_message(hub: Hub) -> None:
    (one,) = put(hub, "a@example.fr")
    message = claim(hub)
    assert message is not None
    assert claim(hub) is None
    later = claim(hub, NOW + LEASE)
    assert later is not None
    assert (later.id, later.attempts) == (one, 2)
    with hub.uow() as uow:
        assert not uow.outbox.sending(message)  # its lease is over, another has it
        assert uow.outbox.sending(later)


def test_the_same_id_is_refused_twice_and_known(hub: Hub) -> None:
    with hub.uow() as uow:
        uow.outbox.put(Channel.MAIL, "a@example.fr", {}, NOW, "r1")
        uow.commit()
        assert uow.outbox.knows("r1")
        assert not uow.outbox.knows("r2")
        assert uow.personal.delete(outbox, {"recipient": "a@example.fr"}) == 1
        assert not uow.outbox.knows("r1")


class Hubs:
    """Processes that deliver, one after the other; each may be killed."""

    def __init__(self, url: str, port: int) -> None:
        self._url, self._port = url, port
        self.now = NOW
        self.process: subprocess.Popen[bytes] | None = None

    def arguments(self) -> list[str]:
        now = self.now.isoformat()
        return [sys.executable, str(PROGRAM), self._url, str(self._port), now]

    def run(self) -> int:
        """The exit code of a whole run, killed or not."""
        self.process = subprocess.Popen(self.arguments())
        return self.process.wait(timeout=300)

    def kill(self) -> None:
        assert self.process is not None
        self.now += LEASE  # what it had claimed is free again; first: `run` goes on when it ends
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=300)


@pytest.fixture
def hubs(hub: Hub, post: MailServer) -> Hubs:
    return Hubs(hub.engine.url.render_as_string(hide_password=False), post.port)


def once(act: Callable[[], None]) -> Callable[[], None]:
    """Acts the first time."""
    left = [act]
    return lambda: left.pop()() if left else None


def test_killed_before_the_final_dot_a_mail_is_sent_once(
    hub: Hub, post: MailServer, hubs: Hubs
) -> None:
    ids = put(hub, "a@example.fr", "b@example.fr")
    post.before_taking = once(hubs.kill)
    assert hubs.run() == -signal.SIGKILL
    assert post.taken == []
    assert hubs.run() == 0
    assert sorted(post.ids()) == sorted(message_ids(ids))


def test_killed_before_the_answer_a_mail_comes_again_as_the_very_same(
    hub: Hub, post: MailServer, hubs: Hubs
) -> None:
    """The one window that SMTP leaves: the server took it over, and nobody heard so."""
    (one,) = put(hub, "a@example.fr")
    post.after_taking = once(hubs.kill)
    assert hubs.run() == -signal.SIGKILL
    assert hubs.run() == 0
    assert post.ids() == message_ids([one, one])
    assert post.taken[0] == post.taken[1]
    assert hubs.run() == 0
    assert len(post.taken) == 2


def test_two_hubs_at_once_send_each_mail_once(hub: Hub, post: MailServer, hubs: Hubs) -> None:
    ids = put(hub, *(f"p{n}@example.fr" for n in range(20)))
    arguments = hubs.arguments()
    both = [subprocess.Popen(arguments) for _ in range(2)]
    assert [one.wait(timeout=300) for one in both] == [0, 0]
    assert sorted(post.ids()) == sorted(message_ids(ids))


def test_killed_at_any_time_nothing_is_lost_and_what_is_doubled_has_one_id(
    hub: Hub, post: MailServer, hubs: Hubs, request: pytest.FixtureRequest
) -> None:
    seed = 20
    chance = Random(seed)
    print("seed", seed)
    ids = put(hub, *(f"p{n}@example.fr" for n in range(6)))
    in_doubt = 0

    def perhaps(*, took_over: bool) -> None:
        nonlocal in_doubt
        if chance.random() < 0.25:
            in_doubt += took_over
            hubs.kill()

    post.before_taking = lambda: perhaps(took_over=False)
    post.after_taking = lambda: perhaps(took_over=True)
    while hubs.run() != 0:
        pass
    times = Counter(post.ids())
    assert set(times) == set(message_ids(ids))
    assert sum(times.values()) - len(times) == in_doubt
    same = {mail_id: set() for mail_id in times}  # type: dict[str, set[bytes]]
    for mail_id, text in zip(post.ids(), post.taken, strict=True):
        same[mail_id].add(text)
    assert all(len(texts) == 1 for texts in same.values())
