"""SMS through a provider's HTTP interface: numbers and the body of the request. Pure."""

from __future__ import annotations

import json
import re

LONGEST = 320
"""Characters: about five parts of an SMS in UCS-2 (3GPP TS 23.040)."""
_MOBILE = re.compile(r"(?:\+33|0033|0)([67]\d{8})")
_ABROAD = re.compile(r"\+[1-9]\d{7,14}")
_OVERSEAS = {"0690": "590", "0691": "590", "0692": "262", "0693": "262", "0694": "594"}
_OVERSEAS |= {"0696": "596", "0697": "596", "0639": "262"}


def mobile_number(typed: str) -> str | None:
    """In the form of E.164; None for what is no mobile number that an SMS could reach."""
    digits = re.sub(r"[\s.\-()]", "", typed)
    if found := _MOBILE.fullmatch(digits):
        national = "0" + found[1]
        return f"+{_OVERSEAS.get(national[:4], '33')}{found[1]}"
    is_french_line = digits.startswith("+33")
    return digits if _ABROAD.fullmatch(digits) and not is_french_line else None


def body(template: str, to: str, text: str) -> bytes:
    """The template's JSON with {to} and {text} filled in, inside its strings only."""

    def filled(value: object) -> object:
        match value:
            case str():
                return re.sub(r"\{(to|text)\}", lambda m: {"to": to, "text": text}[m[1]], value)
            case dict():
                return {key: filled(inner) for key, inner in value.items()}
            case list():
                return [filled(inner) for inner in value]
            case _:
                return value

    return json.dumps(filled(json.loads(template))).encode()
