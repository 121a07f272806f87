"""Whether what has changed in a database is what was asked for, as a whole, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from kept import Facts, Kept

Done = Callable[[Kept, Kept], bool]
"""Of what has changed, as it is now, and all that was kept before."""


def fits(facts: Facts, wanted: Facts) -> bool:
    return all(facts[name] == value for name, value in wanted.items())


def one_new(kind: str, wanted: Facts) -> Done:
    """One of a kind, and nothing else."""

    def done(changed: Kept, before: Kept) -> bool:
        return len(changed) == 1 and all(
            i not in before and fits(facts, {"kind": kind, **wanted})
            for i, facts in changed.items()
        )

    return done


def new_rooms(ids: list[str], wanted: Facts) -> Done:
    """Of one booking, or of all dates of a series."""

    def done(changed: Kept, before: Kept) -> bool:
        return (
            sorted(facts.get("room_id", "") for facts in changed.values()) == sorted(ids)
            and not changed.keys() & before.keys()
            and all(fits(facts, wanted) for facts in changed.values())
        )

    return done


def that(which: str, wanted: Facts) -> Done:
    """This one became so, and nothing else changed."""

    def done(changed: Kept, before: Kept) -> bool:
        now = changed.get(which, before[which])
        return changed.keys() <= {which} and fits(now, wanted)

    return done


def taken(which: str, slot: Facts) -> Done:
    """An entry of the waiting list is an appointment."""

    def done(changed: Kept, before: Kept) -> bool:
        made = [facts for i, facts in changed.items() if i not in before]
        return (
            len(changed) == 2
            and fits(changed[which], {"state": "taken"})
            and len(made) == 1
            and fits(made[0], {"kind": "appointment", **slot})
        )

    return done
