"""Whatever is asked of the running hub, in whatever order, and whenever it is killed: nothing
overlaps, nothing that was answered is lost, nothing is there in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from asked_hub import Stage
from hub_operations import Operations
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test as run_machine

NewStage = Callable[[], Stage]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_stage(request: pytest.FixtureRequest, empty_folder: Path) -> NewStage:
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return lambda: Stage(empty_folder, server)


def ask(stage: Stage, number: int, *, examples: int, steps: int, deaths_percent: int) -> None:
    """So many operations, those of this number."""
    facts = {"stage": stage, "deaths_percent": deaths_percent}
    machine = seed(number)(type("Killed", (Operations,), facts))
    bounds = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    run_machine(machine, settings=bounds)


def test_no_order_of_operations_loses_anything(new_stage: NewStage) -> None:
    with closing(new_stage()) as stage:
        ask(stage, 1, examples=4, steps=8, deaths_percent=4)
        print(f"\n{stage.asked} asked, killed {stage.served.deaths} times; done: {stage.done}")
        assert stage.asked == 32


@pytest.mark.slow
def test_five_thousand_operations_of_each_database(new_stage: NewStage) -> None:
    """Ten thousand together; each is a request, and each kind of them was done."""
    asked, deaths, done = 0, 0, Counter[str]()
    while asked < 5000:
        with closing(new_stage()) as stage:
            ask(stage, asked, examples=5, steps=100, deaths_percent=2)
            asked, deaths, done = (
                asked + stage.asked,
                deaths + stage.served.deaths,
                done + stage.done,
            )
            print(f"{asked} asked, killed {deaths} times; done: {done}")
    assert deaths > 50
    assert len(done) == 16
