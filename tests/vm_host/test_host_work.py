"""Long work on a lab host, on a host that is written here: systemd's answers, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from vm.command import CommandFailed
from vm.errors import HostSetupError, Stalled
from vm.host_work import work
from vocabulary.completed import Completed

RUNS = {"ActiveState": "active", "SubState": "running", "ExecMainStatus": "0"}
DONE = {"ActiveState": "active", "SubState": "exited", "ExecMainStatus": "0"}
FAILED = {"ActiveState": "failed", "SubState": "failed", "ExecMainStatus": "3"}
Block = dict[str, str]


class FakeHost:
    """Answers `systemctl show` with what `tells` says at each look, and remembers all commands."""

    def __init__(self, tells: Callable[[int], list[Block]], output: str = "") -> None:
        self.tells, self.output = tells, output
        self.looks = 0
        self.commands: list[str] = []

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        self.commands.append(" ".join(argv))
        if argv[:2] == ["systemctl", "show"]:
            blocks = self.tells(self.looks)
            self.looks += 1
            text = "\n\n".join(
                "\n".join(f"{name}={value}" for name, value in block.items()) for block in blocks
            )
            return Completed(0, f"{text}\n", "")
        said = {"tail": self.output, "journalctl": "Loading programs\n"}
        return Completed(0, said.get(argv[0], ""), "")


class Clock:
    """Goes on while somebody sleeps, and much faster than they think."""

    def __init__(self, step_s: float) -> None:
        self.now_s, self.step_s = 0.0, step_s

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, _seconds: float) -> None:
        self.now_s += self.step_s


def cpu(state: Block, seconds: float) -> Block:
    return {**state, "CPUUsageNSec": str(int(seconds * 1e9))}


def test_a_command_whose_service_uses_cpu_is_waited_for_past_any_limit() -> None:
    clock = Clock(30.0)
    # The command itself only waits for the service.
    host = FakeHost(lambda look: [cpu(DONE if look == 300 else RUNS, 0.1), cpu(RUNS, 2.0 * look)], "done\n")
    done = work(host, ["start", "it"], ["it.service"], clock=clock, sleep=clock.sleep)
    assert done.stdout == "done"
    assert clock.now_s == 9000.0


def test_a_command_that_uses_no_cpu_is_ended_and_named_with_what_it_and_its_service_said_last() -> None:
    clock = Clock(10.0)
    host = FakeHost(lambda _look: [cpu(RUNS, 0.1), cpu(RUNS, 5.0)], "starting\n")
    with pytest.raises(Stalled) as caught:
        work(host, ["start", "it"], ["it.service"], clock=clock, sleep=clock.sleep)
    assert caught.value.message == (
        "`start it` and it.service used no CPU on the lab host for 60 s and was ended; it said last:\n"
        "  starting\n  it.service: Loading programs"
    )
    assert caught.value.hint == "lab up"
    assert any("systemctl stop" in command for command in host.commands)


def test_a_command_that_fails_says_so_with_its_output() -> None:
    host = FakeHost(lambda _look: [cpu(FAILED, 0.1)], "no such thing\n")
    with pytest.raises(CommandFailed, match="`make` ended with exit code 3 on the lab host: no such thing"):
        work(host, ["make"], sleep=lambda _s: None)
    assert "systemctl stop" in host.commands[-1]


def test_a_service_that_failed_is_named_with_its_own_last_words() -> None:
    host = FakeHost(lambda _look: [cpu(FAILED, 0.1), cpu(FAILED, 9.0)], "Job for it.service failed\n")
    with pytest.raises(HostSetupError) as caught:
        work(host, ["start", "it"], ["it.service"], sleep=lambda _s: None)
    assert (
        caught.value.message == "it.service did not start on the lab host; it said last:\n  Loading programs"
    )
    assert caught.value.hint == "lab up"


def test_a_unit_that_does_not_run_yet_has_used_no_cpu() -> None:
    units = [cpu(DONE, 0.1), {**RUNS, "CPUUsageNSec": "[not set]"}, {**RUNS, "CPUUsageNSec": str(2**64 - 1)}]
    assert work(FakeHost(lambda _look: units), ["true"], ["a", "b"]).exit_code == 0
