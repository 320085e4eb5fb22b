from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from docker.models.containers import Container

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, Step
from workloads.errors import WorkloadError
from workloads.target_files import Found
from workloads.triton.container import DECOY, TARGET, command, model_files, wait_ready
from workloads.triton.workload import Triton, why_again, workload


def test_target_and_decoy_run_the_same_binary_on_ports_of_their_own() -> None:
    assert command(TARGET)[0] == command(DECOY)[0]
    assert not set(TARGET.ports.values()) & set(DECOY.ports.values())
    assert TARGET.ports == {"http": 8000, "grpc": 8001, "metrics": 8002}


def test_the_model_has_as_many_instances_as_asked_for() -> None:
    files = model_files(replace(TARGET, instances=7).instances)
    assert set(files) == {"work/config.pbtxt", "work/1/model.py"}
    assert b"count: 7 " in files["work/config.pbtxt"]
    assert b"@" not in files["work/config.pbtxt"]


def test_the_digest_is_the_same_for_the_same_files() -> None:
    assert workload().digest() == workload().digest()
    assert len(workload().digest()) == 16


class SickTriton(Triton):
    """Its model's process is dead in the first containers, as many of them as it is told."""

    def __init__(self, sick: int) -> None:
        self.sick = sick

    def up(self, host: Host, progress: Any) -> Target:
        return cast(Target, None)

    def restart(self, host: Host, progress: Any) -> Target:
        self.sick -= 1
        return cast(Target, None)

    @contextlib.contextmanager
    def drive(self, host: Host, target: Target | None, orders: Any) -> Iterator[Drive]:
        yield cast(Drive, self)

    def run(self, step: Step) -> list[LedgerEntry]:
        ok = self.sick <= 0
        detail = {} if ok else {"error": "Stub process is not healthy"}
        return [LedgerEntry(step.kind, str(step.params["who"]), ok, 0, 1, detail)]


def test_a_server_whose_model_died_while_it_was_warmed_gets_new_containers() -> None:
    said: list[str] = []
    SickTriton(2).prepare(cast(Host, None), said.append)
    again = "target does not answer over http: Stub process is not healthy; once more with new containers"
    assert said.count(again) == 2
    with pytest.raises(WorkloadError, match="target does not answer over http"):
        SickTriton(9).prepare(cast(Host, None), said.append)


@pytest.mark.parametrize(
    ("digest", "there", "silent", "why"),
    [
        ("", (), (), ""),
        ("old", ("lab-target", "lab-decoy"), (), "they are those of another version of the lab"),
        ("new", ("lab-target",), (), "lab-decoy has ended"),
        ("new", (), (), "lab-target and lab-decoy have ended"),
        ("new", ("lab-target", "lab-decoy"), ("lab-target",), "lab-target does not answer any more"),
    ],
)
def test_containers_that_are_replaced_say_why(
    digest: str, there: tuple[str, ...], silent: tuple[str, ...], why: str
) -> None:
    found = Found(digest, {name: cast(Target, None) for name in there})
    assert why_again(found, "new", silent) == why


class FakeContainer:
    """Says what its processes have used; `starts` of its first processes end at once."""

    name = "lab-target"

    def __init__(self, used_s: Callable[[], float], status: str = "running") -> None:
        self.used_s, self.status = used_s, status
        self.starts = 0

    def stats(self, **_options: object) -> dict[str, object]:
        return {"cpu_stats": {"cpu_usage": {"total_usage": self.used_s() * 1e9}}}

    def reload(self) -> None:
        pass

    def start(self) -> None:
        self.starts += 1
        self.status = "running"

    def logs(self, **_options: object) -> bytes:
        return b"loading the model\n"


def test_a_server_that_works_on_getting_ready_is_waited_for_past_any_limit() -> None:
    looks, clock = itertools.count(), itertools.count(0, 30.0)
    ready = iter([False] * 200 + [True])
    container = cast(Container, FakeContainer(lambda: 4.0 * next(looks)))
    wait_ready(container, lambda: next(ready), clock=lambda: next(clock), sleep=lambda _s: None)
    assert next(clock) > 6000


def test_a_server_that_is_idle_and_not_ready_is_named_with_its_last_words() -> None:
    clock = itertools.count(0, 10.0)
    container = cast(Container, FakeContainer(lambda: 5.0))
    with pytest.raises(WorkloadError) as caught:
        wait_ready(container, lambda: False, clock=lambda: next(clock), sleep=lambda _s: None)
    assert caught.value.message == (
        "lab-target is not ready and has done nothing for 60 s; it said last:\nloading the model"
    )
    assert caught.value.hint == "lab reset --workload"


def test_a_server_that_lost_its_start_is_started_again() -> None:
    container = FakeContainer(lambda: 1.0, status="exited")
    wait_ready(cast(Container, container), lambda: container.starts == 1, sleep=lambda _s: None)
    assert container.starts == 1
