"""Why not: typed values with a stable code and the words for people; the calendar raises few.

`says` is a French sentence and a gettext msgid, as in `visiohub.errors`. It is shown as
`_(cause.says).format(**params)`, where `params` are the fields; a page first sets instants in the
venue's zone, days, times and durations in words.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Cause:
    """Base of all reasons and refusals; never made itself."""

    code: ClassVar[str]
    says: ClassVar[str]

    @property
    def params(self) -> dict[str, object]:
        """The fields by name, for the sentence."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}


class RefusedError(ValueError):
    """A rule that cannot be taken as it is; `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.code}: {cause.params}")
        self.cause = cause
