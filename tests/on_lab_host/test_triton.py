"""The real Triton server on a lab host: brought up, found again, driven, and what a request costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, OrderChannel, Step
from workloads.triton.workload import Triton

pytestmark = pytest.mark.lab_host

NO_ORDERS = cast(OrderChannel, None)


@pytest.fixture
def target(lab_host: Host) -> Target:
    return Triton().up(lab_host, print)


@pytest.fixture
def drive(lab_host: Host, target: Target) -> Iterator[Drive]:
    with Triton().drive(lab_host, target, NO_ORDERS) as opened:
        yield opened


def test_a_running_server_is_found_and_not_started_again(lab_host: Host, target: Target) -> None:
    said: list[str] = []
    again = Triton().up(lab_host, said.append)
    assert (again.container_id, again.main_pid) == (target.container_id, target.main_pid)
    assert said == []


def test_the_target_is_what_the_kernel_says_it_is(lab_host: Host, target: Target) -> None:
    def told(*argv: str) -> str:
        return lab_host.run(argv).stdout.strip()

    assert told("stat", "-c", "%i", target.cgroup_path) == str(target.cgroup_id)
    assert told("cat", f"/proc/{target.main_pid}/comm") == "tritonserver"
    assert (
        told("cat", f"/proc/{target.main_pid}/cgroup")
        == f"0::{target.cgroup_path.removeprefix('/sys/fs/cgroup')}"
    )
    assert target.cgroup_path.count("/") - "/sys/fs/cgroup".count("/") == target.cgroup_level
    assert target.main_pid in target.pids
    assert len(target.pids) > 1  # the Python stubs are processes of their own
    # The same file for the kernel: a uprobe on this path fires in the container.
    assert told("cmp", target.binary_path, f"/proc/{target.main_pid}/exe") == ""


def test_target_and_decoy_have_the_same_name_and_different_cgroups(lab_host: Host, target: Target) -> None:
    decoys = [
        pid
        for pid in lab_host.run(["pidof", "tritonserver"]).stdout.split()
        if target.cgroup_path.rpartition("/")[2] not in lab_host.run(["cat", f"/proc/{pid}/cgroup"]).stdout
    ]
    assert len(decoys) == 1


@pytest.mark.parametrize("who", ["target", "decoy"])
@pytest.mark.parametrize("kind", ["http", "grpc"])
def test_every_request_is_answered_with_its_sum(drive: Drive, kind: str, who: str) -> None:
    lanes = [[{"sleep_ms": 2}, {"sleep_ms": 1, "spin_ms": 1, "gap_ms": 1}, {}]] * 3
    entries = [e for e in drive.run(Step(kind, {"who": who, "lanes": lanes})) if e.kind == kind]
    assert len(entries) == 9
    assert [e.detail.get("error") for e in entries if not e.ok] == []
    assert {e.who for e in entries} == {f"lab-{who}"}


def test_a_sleep_is_at_least_as_long_as_asked_for(drive: Drive) -> None:
    entries = drive.run(Step("http", {"lanes": [[{"sleep_ms": 60}] * 5]}))
    assert [e.detail["latency_ns"] >= 60_000_000 for e in entries if e.kind == "http"] == [True] * 5
