"""Late is not wrong: what a tracer without READY does tells whether it works, waits or hangs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from grader.onhost.contract.tracer_orders import ReadyLimits
from grader.onhost.tracer.ending import until_ended
from grader.onhost.tracer.getting_ready import until_ready

LIMITS = ReadyLimits(asleep_s=10, cpu_s=60, times=10, most_s=900)
YARDSTICK_CPU_S = 12.0


@dataclass
class FakeTracer:
    """Acts by a clock of its own. `works(at_s)` says whether it uses a CPU (to a share of `cpus`) then."""

    works: Callable[[float], bool] = lambda _at_s: True
    ready_after_s: float = 1e9
    ends_after_s: float = 1e9
    begins_after_s: float = 1
    cpus: float = 1.0
    in_kernel: bool = False
    waits_unready: bool = False
    at_s: float = 0.0
    used_s: float = 0.0
    measured_at_s: list[float] = field(default_factory=list)

    def pass_time(self, seconds: float) -> None:
        self.at_s += seconds
        self.used_s += seconds * self.cpus * (self.has_begun() and self.works(self.at_s))

    def wait_ready(self, timeout_s: float) -> bool:
        self.pass_time(timeout_s)
        return self.at_s >= self.ready_after_s

    def wait_ended(self, timeout_s: float) -> bool:
        self.pass_time(timeout_s)
        return self.has_ended()

    def has_ended(self) -> bool:
        return self.at_s >= self.ends_after_s

    def says_it_waits(self) -> bool:
        return self.waits_unready

    def has_begun(self) -> bool:
        return self.at_s >= self.begins_after_s

    def cpu_s(self) -> float:
        return self.used_s

    def asleep(self) -> bool:
        return not self.works(self.at_s) and not self.in_kernel

    def measure(self) -> float:
        self.measured_at_s.append(self.at_s)
        self.pass_time(20)
        return YARDSTICK_CPU_S


def came(tracer: FakeTracer, limits: ReadyLimits = LIMITS) -> str:
    return until_ready(tracer, limits, tracer.measure, lambda: tracer.at_s)


def test_a_tracer_that_is_soon_ready_is_compared_with_nothing() -> None:
    tracer = FakeTracer(ready_after_s=14)
    assert came(tracer) == "ready" and tracer.measured_at_s == []


def test_a_heavy_tracer_may_take_many_times_what_ours_takes_beside_it() -> None:
    tracer = FakeTracer(ready_after_s=YARDSTICK_CPU_S * 9)
    assert came(tracer) == "ready" and len(tracer.measured_at_s) == 1


def test_a_starved_tracer_has_all_the_time_on_the_clock_that_it_needs() -> None:
    """A sixth of a CPU: five minutes on the clock for 50 s of work."""
    assert came(FakeTracer(ready_after_s=300, cpus=1 / 6)) == "ready"


def test_a_tracer_that_works_without_end_is_late_once_it_used_more_than_that() -> None:
    tracer = FakeTracer()
    assert came(tracer) == "late"
    assert YARDSTICK_CPU_S * 10 < tracer.used_s < YARDSTICK_CPU_S * 10 + 5
    assert len(tracer.measured_at_s) == 1


def test_a_tracer_that_says_ready_while_ours_is_measured_is_ready() -> None:
    assert came(FakeTracer(ready_after_s=70)) == "ready"


def test_a_tracer_that_sleeps_waits_and_is_told_so_within_seconds() -> None:
    tracer = FakeTracer(works=lambda at_s: at_s < 20)
    assert came(tracer) == "waiting"
    assert 28 <= tracer.at_s <= 32


def test_a_loop_that_polls_now_and_then_waits_too() -> None:
    assert came(FakeTracer(works=lambda at_s: int(at_s / 0.25) % 20 == 0)) == "waiting"


def test_a_tracer_that_sleeps_for_a_moment_is_waited_for() -> None:
    assert came(FakeTracer(works=lambda at_s: not 5 < at_s < 12, ready_after_s=25)) == "ready"


def test_what_the_kernel_does_for_a_tracer_is_no_waiting() -> None:
    """Attaching waits for the kernel, without any CPU time and not interruptible."""
    kernel = FakeTracer(works=lambda at_s: at_s < 5, in_kernel=True)
    assert came(replace(kernel, ready_after_s=60)) == "ready"
    assert came(kernel) == "late" and kernel.at_s > LIMITS.most_s


def test_who_says_that_it_waits_without_ready_is_believed_when_nothing_works() -> None:
    tracer = FakeTracer(works=lambda at_s: at_s < 20, waits_unready=True)
    assert came(tracer) == "waiting" and tracer.at_s < 22
    # Another of its threads may be about to say READY.
    assert came(FakeTracer(waits_unready=True, ready_after_s=20)) == "ready"


def test_a_tracer_that_ends_has_ended() -> None:
    assert came(FakeTracer(ends_after_s=5)) == "ended"
    assert came(FakeTracer(ends_after_s=5, ready_after_s=5.1)) == "ready"


def test_before_its_process_is_there_nothing_is_told_of_it() -> None:
    """Making the jail takes a while on a busy host; the shell that waits for its tracer sleeps."""
    assert came(FakeTracer(works=lambda at_s: at_s > 40, begins_after_s=40, ready_after_s=50)) == "ready"


def ends(tracer: FakeTracer) -> bool:
    return until_ended(tracer, 30, lambda: tracer.at_s)


def test_a_starved_tracer_that_works_on_its_report_may_take_longer_than_its_grace() -> None:
    assert ends(FakeTracer(ends_after_s=100, cpus=1 / 4))
    assert ends(FakeTracer(works=lambda at_s: at_s > 20, ends_after_s=25))


def test_a_tracer_that_does_not_care_for_sigint_is_not_waited_for_without_end() -> None:
    asleep, polling = (
        FakeTracer(works=lambda _: False),
        FakeTracer(works=lambda at_s: int(at_s * 4) % 20 == 0),
    )
    busy, starved = FakeTracer(), FakeTracer(cpus=1 / 100)
    assert not any(map(ends, (asleep, polling, busy, starved)))
    assert max(asleep.at_s, polling.at_s, busy.at_s) < 35 and starved.at_s < 310
