"""Mails given in over TLS, with an account, to servers that are strict."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hub_world import NOW
from mail_server import MailServer, mail_server

from visiohub.notify.failures import DeliveryError
from visiohub.notify.smtp import MailServer as Server

MAIL = "Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For 127.0.0.1, by itself; with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    known = (data.login, data.password) == (b"hub", b"s3cret")
    return AuthResult(success=known, handled=False)  # aiosmtpd answers


@pytest.fixture
def strict(certificate: Path) -> Iterator[MailServer]:
    """Wants STARTTLS and an account."""
    with mail_server(
        tls_context=context(certificate),
        require_starttls=True,
        auth_required=True,
        authenticator=let_in,
    ) as server:
        yield server


def send(port: int, **more: Any) -> None:
    given = {"security": "starttls", "user": "hub", "password": "s3cret", **more}
    server = Server("127.0.0.1", port, **given)
    server.send("visio@example.fr", "a@example.fr", MAIL, lambda: None)


def test_over_starttls_with_an_account(
    strict: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send(strict.port)
    assert strict.taken == [MAIL.encode()]


def test_a_server_that_nobody_vouches_for_gets_no_password(strict: MailServer) -> None:
    with pytest.raises(DeliveryError, match="certificate") as refused:
        send(strict.port)
    assert not refused.value.for_good
    assert strict.taken == []


def test_a_wrong_password_names_the_settings_and_is_tried_again(
    strict: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(DeliveryError, match="mail_user, mail_password") as refused:
        send(strict.port, password="wrong")
    assert not refused.value.for_good


def test_a_server_without_starttls_is_given_nothing(post: MailServer) -> None:
    with pytest.raises(DeliveryError, match="STARTTLS"):
        send(post.port)
    assert post.taken == []


def test_a_server_that_is_not_there(post: MailServer) -> None:
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1:1: "):
        send(1, security="none", user="")
    assert post.taken == []


def test_what_is_raised_at_the_dot_leaves_nothing_behind(post: MailServer) -> None:
    def stop() -> None:
        raise KeyError("meanwhile")

    server = Server("127.0.0.1", post.port, "none")
    with pytest.raises(KeyError):
        server.send("visio@example.fr", "a@example.fr", MAIL, stop)
    server.send("visio@example.fr", "b@example.fr", MAIL, lambda: None)
    assert post.recipients == ["b@example.fr"]
