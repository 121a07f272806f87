from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from stranger import Stranger

from visiohub.notify.failures import HttpError
from visiohub.notify.http import Limits, ask, header_is_safe, is_public

OURS = {"127.0.0.1"}


def code(url: str, limits: Limits) -> str:
    with pytest.raises(HttpError) as refused:
        ask("GET", url, limits, {})
    return refused.value.code


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1"),
    ],
)
def test_addresses_of_nobody_s_internet_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"]
)
def test_addresses_of_the_internet_pass(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "file:///etc/passwd", "//x", "", "https://"),
        *("https://user:pw@example.org/", "https://exa mple.org/", "https://example.org/\r\nX: y"),
        *("https://[::1", "https://example.org:99999/", "gopher://127.0.0.1/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://169.254.169.254/"),
        *("https://0x7f.1/", "https://2130706433/", "https://127.1/"),
    ],
)
def test_what_leads_nowhere_good_is_not_asked(url: str) -> None:
    assert code(url, Limits(5, 1000)) in {"address_refused", "unreachable"}


def test_a_private_server_is_asked_only_when_the_setting_names_it(stranger: Stranger) -> None:
    stranger.says(200, b"here", ETag='"1"')
    assert code(stranger.url, Limits(5, 1000)) == "address_refused"
    assert stranger.asked == []
    answer = ask("POST", f"{stranger.url}/a?b=c", Limits(5, 1000, OURS), {"X-Y": "z"}, b"body")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"here", '"1"')
    (asked,) = stranger.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/a?b=c", b"body")
    assert asked.headers["x-y"] == "z"


def test_a_name_that_changes_in_between_leads_nowhere_else(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is public, each later one is this machine."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    reached: list[Any] = []

    def looked_up(_host: str, port: int, **_kinds: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connected(address: tuple[str, int], **_options: object) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError("not really asked")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connected)
    assert code("https://rebinding.example/", Limits(5, 1000)) == "unreachable"
    assert reached == [("93.184.215.14", 443)]
    assert stranger.asked == []


def test_a_name_with_one_private_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked_up(_host: str, port: int, **_kinds: object) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("93.184.215.14", port)), (*kind, ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert code("https://both.example/", Limits(5, 1000)) == "address_refused"


def test_a_redirection_is_not_followed(stranger: Stranger) -> None:
    stranger.says(302, Location="http://169.254.169.254/")
    assert ask("GET", stranger.url, Limits(5, 1000, OURS), {}).status == 302
    assert len(stranger.asked) == 1


def test_a_huge_answer_is_cut(stranger: Stranger) -> None:
    def endless() -> Iterator[bytes]:
        while not stranger.leaving.is_set():
            yield b"x" * 65536

    stranger.answer = lambda _asked: (200, {}, endless())
    assert code(stranger.url, Limits(30, 1_000_000, OURS)) == "too_large"


def test_a_server_that_drips_is_cut_off(stranger: Stranger) -> None:
    """Each octet comes in time, the whole never does."""

    def dripping() -> Iterator[bytes]:
        while not stranger.leaving.wait(0.05):
            yield b"x"

    stranger.answer = lambda _asked: (200, {}, dripping())
    assert code(stranger.url, Limits(0.6, 1000, OURS)) == "too_slow"


def test_a_server_that_says_nothing_is_cut_off(stranger: Stranger) -> None:
    def silent(_asked: object) -> Any:
        stranger.leaving.wait()
        return 200, {}, iter(())

    stranger.answer = silent
    assert code(stranger.url, Limits(0.5, 1000, OURS)) == "too_slow"


def test_headers_are_one_line() -> None:
    assert header_is_safe("Authorization", "Bearer abc")
    assert not header_is_safe("X Y", "z")
    assert not header_is_safe("X", "a\r\nB: c")
