"""How a line's modem is read: written by technicians, its secrets sealed, told to the kiosk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv6Address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from signaling.protocol.line_cards import ModemCard, ModemTroubleCard
from signaling.protocol.modem import LEAST_KEY, SNMP_PORT, ModemAccess
from visiohub.booking import audit
from visiohub.booking.forms import Form
from visiohub.booking.lines import sealing
from visiohub.booking.lines.grades import TOPIC
from visiohub.booking.lines.voiding import MODEM_RULES, void
from visiohub.domain.line_orders import LineModem, Snmp
from visiohub.domain.model import Person
from visiohub.errors import N_, EditedMeanwhile, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

NEVER_WRITTEN = 0
"""The version of an access that nobody has written yet."""
SECRETS = {
    Snmp.V2C: ("community",),
    Snmp.V3: ("authentication_key", "privacy_key"),
}
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_USER = re.compile(r"[\x21-\x7e]{1,32}")


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("characters that nobody can type")
    return value


Secret = Annotated[str, Field(max_length=64, repr=False), AfterValidator(_printable)]


class ModemForm(Form):
    """Empty secrets: as they were. A protection of v3 without a key is not used."""

    host: Annotated[str, Field(max_length=253)] = ""
    port: Annotated[int, Field(ge=1, le=65_535)] = SNMP_PORT
    snmp: Snmp = Snmp.V2C
    community: Secret = ""
    user: Annotated[str, Field(max_length=32)] = ""
    authentication: Literal["none", "md5", "sha", "sha256"] = "sha"
    authentication_key: Secret = ""
    privacy: Literal["none", "des", "aes"] = "aes"
    privacy_key: Secret = ""


def write_access(
    uow: UnitOfWork, line_id: str, form: ModemForm, version: int, by: Person, now: datetime
) -> LineModem:
    """Keep it. Raises NotFound, EditedMeanwhile, NoEncryptionKey, InvalidForm."""
    uow.lines.get(line_id)
    modem = uow.linkquality.modems.find(line_id)
    if (modem.version if modem else NEVER_WRITTEN) != version:
        raise EditedMeanwhile("somebody else wrote the modem's access")
    before = _facts(modem)
    secrets = _secrets(uow, modem, form)
    facts: dict[str, Any] = {
        "host": form.host,
        "port": form.port,
        "snmp": form.snmp,
        "user": form.user if form.snmp is Snmp.V3 else "",
        "authentication": form.authentication if form.snmp is Snmp.V3 else "",
        "privacy": form.privacy if form.snmp is Snmp.V3 else "",
        "sealed": sealing.seal(uow.settings, line_id, secrets),
    }
    if modem is None:
        modem = LineModem(line_id, **facts)
        uow.linkquality.modems.add(modem)
    else:
        for name, value in facts.items():
            setattr(modem, name, value)
        modem.version += 1
        modem.trouble, modem.trouble_at = "", None
    typed = any(getattr(form, name) for name in SECRETS[form.snmp])
    audit.note(uow, by, now, "line.modem", line_id, before, _facts(modem) | {"secret": typed})
    uow.changed(TOPIC)
    uow.flush()
    return modem


def forget_access(uow: UnitOfWork, line_id: str, by: Person, now: datetime) -> None:
    """The modem is read no more, its secrets are erased, its alerts are over. Raises NotFound."""
    modem = uow.linkquality.modems.get(line_id)
    audit.note(uow, by, now, "line.modem", line_id, _facts(modem), {})
    uow.linkquality.modems.remove(modem)
    void(uow, line_id, MODEM_RULES, now)
    uow.changed(TOPIC)


def access_of(uow: UnitOfWork, line_id: str) -> ModemAccess | None:
    """For the kiosk alone; None: nobody wrote one, or no key of today opens it."""
    modem = uow.linkquality.modems.find(line_id)
    secrets = sealing.unseal(uow.settings, line_id, modem.sealed) if modem else None
    if modem is None or secrets is None:
        return None
    how: dict[str, object] = {"version": str(modem.snmp), **secrets}
    if modem.snmp is Snmp.V3:
        how["user"] = modem.user
        if modem.authentication != "none":
            how["authentication"] = modem.authentication
        if modem.privacy != "none":
            how["privacy"] = modem.privacy
    fields = {"host": modem.host, "port": modem.port, "how": how}
    try:
        return ModemAccess.model_validate(fields)
    except ValidationError:  # kept by an older version with other rules: to be typed anew
        return None


def reseal(uow: UnitOfWork) -> int:
    """Seal everything with the first key; how many secrets no key of today opens."""
    lost = 0
    for modem in uow.linkquality.modems.list():
        secrets = sealing.unseal(uow.settings, modem.id, modem.sealed)
        if secrets is None:
            lost += 1
        else:
            modem.sealed = sealing.seal(uow.settings, modem.id, secrets)
    return lost


def note_trouble(uow: UnitOfWork, line_id: str, card: ModemCard | ModemTroubleCard) -> None:
    """The kiosk could not read the modem, or could; what is older than what is known is no news."""
    modem = uow.linkquality.modems.find(line_id)
    if modem is None or (modem.trouble_at is not None and card.at <= modem.trouble_at):
        return
    trouble = card.trouble if isinstance(card, ModemTroubleCard) else ""
    if trouble or modem.trouble:
        modem.trouble, modem.trouble_at = trouble, card.at if trouble else None
        uow.changed(TOPIC)


def _secrets(uow: UnitOfWork, modem: LineModem | None, form: ModemForm) -> sealing.Secrets:
    """Those typed, and for empty fields those that are kept. Raises InvalidForm.

    What is kept goes to the address it was written for, and to no other: who may change the
    address need not know the secret.
    """
    same = modem is not None and (modem.snmp, modem.host, modem.port, modem.user) == (
        form.snmp, form.host, form.port, form.user if form.snmp is Snmp.V3 else "",
    )  # fmt: skip
    kept = sealing.unseal(uow.settings, modem.id, modem.sealed) if modem and same else None
    secrets = {
        name: getattr(form, name) or (kept or {}).get(name, "") for name in SECRETS[form.snmp]
    }
    for name in _unused(form):
        secrets[name] = ""
    if wrong := [*_wrong_address(form), *_wrong_secrets(form, secrets)]:
        raise InvalidForm(wrong)
    return secrets


def _wrong_address(form: ModemForm) -> Iterator[FieldError]:
    if not (_HOST.fullmatch(form.host) and (":" not in form.host or _is_ipv6(form.host))):
        says = N_("Écrivez l’adresse du modem sur le réseau du lieu, comme 192.168.1.1.")
        yield FieldError("host", "missing", says)
    if form.snmp is Snmp.V3 and not _USER.fullmatch(form.user):
        says = N_("Écrivez le nom de l’utilisateur SNMP, comme sur le modem.")
        yield FieldError("user", "missing", says)
    if form.snmp is Snmp.V3 and form.authentication == "none" != form.privacy:
        says = N_("SNMP ne chiffre qu’avec une authentification. Choisissez-en une, ou « sans ».")
        yield FieldError("privacy", "out_of_bounds", says)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _unused(form: ModemForm) -> set[str]:
    """Keys of protections that were not chosen (RFC 3411 §3.4.3: noAuthNoPriv, authNoPriv)."""
    if form.snmp is not Snmp.V3:
        return set()
    chosen = {"authentication_key": form.authentication, "privacy_key": form.privacy}
    return {name for name, protection in chosen.items() if protection == "none"}


def _wrong_secrets(form: ModemForm, secrets: sealing.Secrets) -> Iterator[FieldError]:
    unused = _unused(form)
    for name, secret in secrets.items():
        if not secret and name not in unused:
            says = N_("Écrivez ce secret. Après un changement d’adresse, il se tape de nouveau.")
            yield FieldError(name, "missing", says)
        elif secret and form.snmp is Snmp.V3 and len(secret) < LEAST_KEY:
            says = N_("Une clé SNMP a huit caractères au moins. Recopiez-la du modem.")
            yield FieldError(name, "too_short", says)


def _facts(modem: LineModem | None) -> dict[str, object]:
    """For the audit: no secret, sealed or not."""
    if modem is None:
        return {}
    facts = {
        "host": modem.host,
        "port": modem.port,
        "snmp": str(modem.snmp),
        "user": modem.user,
        "authentication": modem.authentication,
        "privacy": modem.privacy,
    }
    return {name: value for name, value in facts.items() if value}
