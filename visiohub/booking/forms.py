"""Command models of everything that people type, with what is wrong said field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self, TypeVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from visiohub.domain.connections import Despite
from visiohub.domain.hours import YEARS_IN_SIGHT, zone_names
from visiohub.domain.model import (
    Kiosk,
    Line,
    LineKind,
    Need,
    Partner,
    Person,
    Role,
    Room,
    Service,
    Venue,
)
from visiohub.domain.phone import is_full_phone, is_phone
from visiohub.domain.typed import in_sight
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.linkquality.budget import Picture
from visiohub.notify.mail import is_address

Short = Annotated[str, Field(min_length=1, max_length=200)]
Optional = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=64)]

_INITIALS = r"^[^\d<>@]*$"
_LANGUAGE = "^(fr|en|)$"
_LOGIN = r"^[a-z0-9._@-]+$"
_PUBLIC_NAME = re.compile(r"@.+\.[A-Za-z]{2,}$")
"""A mail to a citizen or to staff goes out into the world."""


def _initials(value: str) -> str:
    if any(category(c)[0] == "C" or category(c) in {"Zl", "Zp"} for c in value):
        wrong = {"pattern": _INITIALS}
        raise PydanticCustomError("string_pattern_mismatch", "not printable", wrong)
    return value


def _whole_minutes(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise PydanticCustomError("time_parsing", "not a time on a wall clock in whole minutes")
    return value


def _written(value: object) -> object:
    if isinstance(value, (int, float)):  # pydantic takes it for seconds since 1970
        raise PydanticCustomError("date_parsing", "a number is no day")
    return value


def day_in_sight(value: date) -> date:
    """Raises PydanticCustomError far from today."""
    if value.year not in YEARS_IN_SIGHT:
        said = {"first": YEARS_IN_SIGHT[0], "last": YEARS_IN_SIGHT[-1]}
        raise PydanticCustomError("out_of_sight", "not between the years", said)
    return value


Day = Annotated[date, BeforeValidator(_written), AfterValidator(day_in_sight)]
Initials = Annotated[str, Field(max_length=10, pattern=_INITIALS), AfterValidator(_initials)]
WallTime = Annotated[time, AfterValidator(_whole_minutes)]


def _postcode(value: str) -> str:
    if len(value) != 5 or not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("postcode", "not a French postcode")
    return value


def _phone(value: str) -> str:
    if value and not is_phone(value):
        raise PydanticCustomError("phone", "not a phone number")
    return value


def _full_phone(value: str) -> str:
    if _phone(value) and not is_full_phone(value):
        raise PydanticCustomError("full_phone", "nobody can be reached at this number")
    return value


def _email(value: str) -> str:
    if value and not (is_address(value) and _PUBLIC_NAME.search(value)):
        raise PydanticCustomError("email", "not an e-mail address")
    return value


def _zone(value: str) -> str:
    if value not in zone_names():
        raise PydanticCustomError("time_zone", "not an IANA time zone")
    return value


def _within(most: int, example: int) -> Callable[[float], float]:
    """Checks degrees on both sides of zero; the refusal names both bounds and a value of here."""

    def check(value: float) -> float:
        if not -most <= value <= most:
            said = {"most": most, "example": example}
            raise PydanticCustomError("degrees", "not between the bounds", said)
        return value

    return check


Latitude = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_within(90, 44))]
Longitude = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_within(180, 6))]
Postcode = Annotated[str, AfterValidator(_postcode)]
Phone = Annotated[str, Field(max_length=40), AfterValidator(_phone)]
CitizenPhone = Annotated[str, Field(max_length=40), AfterValidator(_full_phone)]
"""Where messages and calls are to arrive."""
Email = Annotated[str, Field(max_length=254), AfterValidator(_email)]
RequiredEmail = Annotated[str, Field(min_length=1, max_length=254), AfterValidator(_email)]
Language = Annotated[str, Field(pattern=_LANGUAGE)]
RequiredPhone = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_phone)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]


class Form(BaseModel):
    """Base: unknown fields are refused; of texts, what cannot be seen and spaces around them are
    dropped, wherever they come from."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _in_sight(cls, value: object) -> object:
        if isinstance(value, list | tuple):
            return [in_sight(one) if isinstance(one, str) else one for one in value]
        return in_sight(value) if isinstance(value, str) else value


class TerritoryForm(Form):
    """Base of the forms that make and edit one thing of the territory."""

    makes: ClassVar[type[Any]]
    """The entity whose fields these are."""


class RangeForm(Form):
    """One opening range; "24:00" is written "00:00" at the end of a range."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: WallTime
    closes: WallTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes != time(0) and self.closes <= self.opens:
            raise PydanticCustomError("range_order", "closes before it opens")
        return self


class VenueForm(TerritoryForm):
    """A venue."""

    makes = Venue
    name: Short
    kind: Short
    street: Short
    postcode: Postcode
    town: Short
    latitude: Latitude
    longitude: Longitude
    time_zone: Zone = "Europe/Paris"
    phone: RequiredPhone
    access: Annotated[str, Field(max_length=500)] = ""
    opening: tuple[RangeForm, ...] = ()

    @field_validator("opening")
    @classmethod
    def _apart(cls, ranges: tuple[RangeForm, ...]) -> tuple[RangeForm, ...]:
        ordered = sorted(ranges, key=lambda r: (r.weekday, r.opens))
        for before, after in pairwise(ordered):
            ends = before.closes if before.closes != time(0) else time.max
            if before.weekday == after.weekday and after.opens < ends:
                edges = {"closes": f"{before.closes:%H:%M}", "opens": f"{after.opens:%H:%M}"}
                raise PydanticCustomError("ranges_overlap", "opening ranges overlap", edges)
        return tuple(ordered)


class LineForm(TerritoryForm):
    """A line; rates are the contract's, in kbit/s."""

    makes = Line
    venue_id: Id
    kind: LineKind
    operator: Optional = ""
    up_kbit_s: Annotated[int, Field(gt=0, le=10_000_000)]
    down_kbit_s: Annotated[int, Field(gt=0, le=10_000_000)]


class RoomForm(TerritoryForm):
    """A room."""

    makes = Room
    venue_id: Id
    name: Short
    capacity: Annotated[int, Field(ge=1, le=1000)]
    door: Optional = ""
    equipment: Annotated[str, Field(max_length=500)] = ""


class KioskForm(TerritoryForm):
    """A kiosk in a room."""

    makes = Kiosk
    room_id: Id
    name: Short


class PartnerForm(TerritoryForm):
    """A partner."""

    makes = Partner
    name: Short
    short_name: Annotated[str, Field(min_length=1, max_length=40)]
    phone: RequiredPhone
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("half_a_place", "one of latitude and longitude")
        return self


class ServiceForm(TerritoryForm):
    """A service of a partner."""

    makes = Service
    partner_id: Id
    name: Short
    duration_minutes: Annotated[int, Field(ge=15, le=240, multiple_of=15)]
    walk_in: bool = False
    to_bring: tuple[Short, ...] = ()
    venue_ids: tuple[Id, ...] = ()
    notice_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 60)] = 0
    horizon_days: Annotated[int, Field(ge=0, le=730)] | None = None
    buffer_before_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    buffer_after_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    shortest_minutes: Annotated[int, Field(ge=15, le=240, multiple_of=15)] | None = None
    longest_minutes: Annotated[int, Field(ge=15, le=240, multiple_of=15)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        usual = self.duration_minutes
        if self.shortest_minutes is not None and self.shortest_minutes > usual:
            raise PydanticCustomError("shortest_above_usual", "{usual}", {"usual": usual})
        if self.longest_minutes is not None and self.longest_minutes < usual:
            raise PydanticCustomError("longest_below_usual", "{usual}", {"usual": usual})
        horizon = self.horizon_days
        if horizon is not None and self.notice_minutes >= (horizon + 1) * 24 * 60:
            raise PydanticCustomError("notice_beyond_horizon", "nothing could be booked")
        return self


class PersonForm(TerritoryForm):
    """Somebody who signs in; the password is set apart (accounts.set_password)."""

    makes = Person
    login: Annotated[str, Field(min_length=2, max_length=100, pattern=_LOGIN)]
    label: Short
    initials: Annotated[str, Field(max_length=10)] = ""
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    partner_id: Id | None = None
    venue_ids: tuple[Id, ...] = ()
    language: Language = ""
    email: Email = ""

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        if Role.AGENT in self.roles and self.partner_id is None:
            raise PydanticCustomError("agent_without_partner", "an agent needs a partner")
        if Role.RECEPTION in self.roles and not self.venue_ids:
            raise PydanticCustomError("reception_without_venue", "reception needs a venue")
        return self


class AppointmentForm(Form):
    """An appointment to be made; day and time are the venue's local ones."""

    service_id: Id
    kiosk_id: Id
    day: Day
    time: WallTime
    initials: Initials = ""
    phone: CitizenPhone = ""
    email: Email = ""
    language: Language = ""
    needs: frozenset[Need] = frozenset()
    agent_id: Id | None = None
    picture: Picture | None = None
    """Less than the usual one, where another visio is on the venue's line."""
    duration_minutes: Annotated[int, Field(ge=15, le=240, multiple_of=15)] | None = None
    """Within the service's shortest and longest; None: the usual one."""
    despite_calendar: Despite | None = None
    """Why also against an absence, an outside calendar or the permanences; None: not then."""


class MoveForm(Form):
    """Another time, perhaps at another kiosk."""

    kiosk_id: Id
    day: Day
    time: WallTime
    despite_calendar: Despite | None = None
    """Why also against an absence, an outside calendar or the permanences; None: not then."""


class CallFilter(Form):
    """Which calls of the record; instants in UTC, the end not included."""

    start: datetime
    end: datetime
    venue_id: Id | None = None
    partner_id: Id | None = None
    end_reason: Annotated[str, Field(max_length=40)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


F = TypeVar("F", bound=Form)

_SAYS = {
    "missing": N_("Remplissez ce champ."),
    "string_too_short": N_("Remplissez ce champ."),
    "string_too_long": N_("Raccourcissez : {max_length} caractères au plus."),
    "too_short": N_("Cochez au moins une case."),
    "greater_than": N_("Donnez un nombre plus grand que {gt}."),
    "greater_than_equal": N_("Donnez un nombre d’au moins {ge}."),
    "less_than_equal": N_("Donnez un nombre d’au plus {le}."),
    "multiple_of": N_("Donnez un multiple de {multiple_of}."),
    "int_parsing": N_("Donnez un nombre entier."),
    "int_parsing_size": N_("Donnez un nombre plus petit."),
    "int_from_float": N_("Donnez un nombre entier."),
    "float_parsing": N_("Donnez un nombre, par exemple 44,28."),
    "finite_number": N_("Donnez un nombre, par exemple 44,28."),
    "degrees": N_("Donnez un nombre entre −{most} et {most}, par exemple {example}."),
    "date_from_datetime_parsing": N_("Donnez une date, par exemple 20/11/2026."),
    "date_from_datetime_inexact": N_("Donnez une date, par exemple 20/11/2026."),
    "date_parsing": N_("Donnez une date, par exemple 20/11/2026."),
    "out_of_sight": N_("Choisissez un jour des années {first} à {last}."),
    "time_parsing": N_("Donnez une heure, par exemple 09:45."),
    "enum": N_("Choisissez dans la liste."),
    "extra_forbidden": N_("Ce champ n’est pas connu. Retirez-le."),
    "phone": N_("Ce n’est pas un numéro de téléphone. Exemple : 04 65 71 20 05."),
    "full_phone": N_(
        "Donnez le numéro entier, dix chiffres, par exemple 06 12 34 56 78, "
        "ou + et l’indicatif du pays."
    ),
    "email": N_("Ce n’est pas une adresse de courriel. Exemple : prenom.nom@example.fr."),
    "web_address": N_("Ce n’est pas une adresse web. Exemple : https://exemple.fr/visiohub."),
    "postcode": N_("Donnez un code postal de cinq chiffres, par exemple 05000."),
    "time_zone": N_("Fuseau inconnu. Exemple : Europe/Paris."),
    "range_order": N_("La fermeture doit suivre l’ouverture."),
    "ranges_overlap": N_(
        "Deux plages du même jour se chevauchent : l’une ferme à {closes}, "
        "l’autre ouvre à {opens}. Corrigez l’une d’elles."
    ),
    "agent_without_partner": N_("Choisissez l’organisme de cet agent."),
    "counter_without_name": N_("Donnez un nom au guichet, ou choisissez un agent."),
    "shortest_above_usual": N_(
        "La plus courte ne peut pas dépasser la durée habituelle, {usual} minutes. "
        "Changez l’une des deux."
    ),
    "longest_below_usual": N_(
        "La plus longue ne peut pas être sous la durée habituelle, {usual} minutes. "
        "Changez l’une des deux."
    ),
    "notice_beyond_horizon": N_(
        "Avec ce délai et ce nombre de jours, rien ne pourrait être réservé. "
        "Raccourcissez le délai, ou ouvrez plus de jours."
    ),
    "half_a_place": N_("Donnez la latitude et la longitude, ou aucune des deux."),
    "reception_without_venue": N_("Choisissez au moins un lieu pour cet accueil."),
}
_LETTERS = {
    _INITIALS: N_("Seulement les initiales, sans chiffre ni < > @. Exemple : D. R."),
    _LANGUAGE: N_("Écrivez fr pour le français, en pour l’anglais, ou rien."),
    _LOGIN: N_(
        "Écrivez des lettres minuscules sans accent, des chiffres, et . _ - ou @, sans espace. "
        "Exemple : accueil-gap."
    ),
}
"""What is said for each pattern that a text does not have."""
OTHERWISE = N_("Cette valeur ne convient pas. Corrigez-la.")
"""What is said where nothing better is known."""
_FIELD_OF = {
    "agent_without_partner": "partner_id",
    "counter_without_name": "name",
    "reception_without_venue": "venue_ids",
    "half_a_place": "longitude",
    "shortest_above_usual": "shortest_minutes",
    "longest_below_usual": "longest_minutes",
    "notice_beyond_horizon": "notice_minutes",
}


def read_form(form: type[F], data: Mapping[str, object]) -> F:
    """The form with this data. Raises InvalidForm that names each wrong field."""
    try:
        return form.model_validate(data)
    except ValidationError as error:
        raise InvalidForm([field_error(e) for e in error.errors()]) from error


def field_error(error: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors in our words: OTHERWISE where there are none for it."""
    kind, context = error["type"], error.get("ctx", {})
    path = ".".join(str(part) for part in error["loc"])
    says = _LETTERS.get(context.get("pattern"), _SAYS.get(kind, OTHERWISE))
    if kind == "string_too_short" and context["min_length"] > 1:
        says = N_("Écrivez au moins {min_length} caractères.")
    return FieldError(
        field=_FIELD_OF.get(kind, path),
        code=kind,
        says=says,
        params={k: _shown(v) for k, v in context.items()},
    )


def _shown(bound: object) -> object:
    """A bound as people write it: no amount in euros, whatever a Decimal is elsewhere."""
    return f"{bound:f}" if isinstance(bound, Decimal) else bound
