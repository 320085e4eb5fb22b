"""Runs of the exercises as the recorders would see them, made from the real plans, and what tracers print.

Nothing here needs a lab host. The order of calls within a request is Triton's own, as traced.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.exercise import Exercise
from grader.exercise_folder import load
from grader.observation import (
    Attachment,
    KernelFacts,
    MapFacts,
    Observation,
    ProgramFacts,
    RecordedCall,
    RecordedTask,
    Recording,
    Report,
    TracerRun,
)
from grader.target import Target
from grader.traffic import LedgerEntry, Step
from vocabulary.host_facts import HostFacts

ROOT = Path(__file__).resolve().parents[2]
MS = 1_000_000
SERVER, HELPER, PARKED, DECOY, DAEMON = 500, 700, 600, 900, 42
TARGET = Target("lab-triton", "c0ffee", 4711, "/sys/fs/cgroup/x.scope", 2, SERVER, (SERVER,), "/bin/server")

FAILING = {"writev_failing": -9, "sendto_failing": -89}
"""What the helper's calls return that fail, but for EAGAIN (-11)."""

POINTS_SOMEWHERE = re.compile(r"tracer\.py|tracer\.bpf\.c|TODO \d|[a-z_]+\(\)|`[a-z_]+`")
"""What a hint names: a file of the attendee's, a TODO in it, a function or a map."""

Tracer = Callable[[Iterable[RecordedCall]], list[RecordedCall]]
"""Which calls a tracer sees, and how it sees them."""


def exercise(slug: str) -> Exercise:
    """The exercise as it stands in the repository."""
    return load(ROOT / "exercises" / slug)


class Clock:
    """Time of the simulated host, in nanoseconds."""

    def __init__(self) -> None:
        self.now_ns = 2_000 * MS

    def spend(self, nanoseconds: int) -> int:
        """Let time pass; the time before."""
        before = self.now_ns
        self.now_ns += nanoseconds
        return before


class Server:
    """Makes the calls that the server, its decoy and the lab's own helpers make."""

    def __init__(self) -> None:
        self.calls: list[RecordedCall] = []
        self.clock = Clock()

    def call(self, syscall: str, took_ns: int, ret: int, fd: int, pid: int, tid: int = 0) -> None:
        """One call of a thread, then a moment of its own work."""
        at_ns = self.clock.spend(took_ns)
        name = "tritonserver" if pid in (SERVER, DECOY) else "helper"
        in_target = pid in (SERVER, HELPER, PARKED)
        call = RecordedCall(syscall, at_ns, at_ns + took_ns, ret, fd, tid or pid, pid, name, in_target)
        self.calls.append(call)
        self.clock.spend(5_000)

    def connection(self, lane: list[dict[str, int]], pid: int, tid: int) -> None:
        """All requests of one connection, and its end."""
        fd = 23 + tid - pid
        for request in lane:
            self.call("epoll_wait", (request["gap_ms"] + 3) * MS, 1, 9, pid, tid)
            self.call("readv", 40_000, 311, fd, pid, tid)
            self.call("sendto", 20_000, 17, 12, pid, tid + 50)
            self.call("epoll_wait", (request["sleep_ms"] + 1) * MS, 1, 9, pid, tid)
            self.call("recvfrom", 15_000, 17, 11, pid, tid)
            self.call("epoll_wait", 8_000, 1, 9, pid, tid)
            self.call("writev", 60_000, 268, fd, pid, tid)
        self.call("readv", 10_000, 0, fd, pid, tid)

    def driver(self, numbers: Mapping[str, int]) -> None:
        """What the helper in the group below makes."""
        for name, number in numbers.items():
            syscall, _, kind = name.partition("_failing") if "failing" in name else (name, "", "")
            empty = name == "epoll_wait_empty"
            ret = FAILING.get(name, -11) if "failing" in name else 0 if empty else 1
            for _ in range(number):
                self.call("epoll_wait" if empty else syscall, 20_000, ret, 5, HELPER)
            assert kind == ""

    def park(self, threads: int, until_ns: int) -> None:
        """Threads that entered epoll_wait at the start and left it at the end."""
        for number in range(threads):
            tid = PARKED + 1 + number
            start_ns = 1_900 * MS + number * 10_000
            self.calls.append(
                RecordedCall("epoll_wait", start_ns, until_ns, 1, 7, tid, PARKED, "parked", True)
            )


def triton_run(seed: int = 17, cpus: int = 2) -> Observation:
    """A run of exercise 4 with everything but a tracer's report and programs."""
    plan = exercise("04-kprobes").plan(random.Random(seed), cpus)
    server, ledger, parked = Server(), [], 0
    for step in (plan.canary, *(step for phase in plan.phases for step in phase)):
        if step.kind == "http":
            ledger += send(server, step)
        elif step.kind == "target_calls":
            server.driver(step.params["calls"])
            ledger.append(entry("target_calls", TARGET.name, {**step.params, "pid": HELPER}))
        elif step.kind == "park_threads":
            parked = step.params["threads"]
    server.call("epoll_wait", 900 * MS, 0, 3, DAEMON)
    server.park(parked, server.clock.now_ns)
    idle = RecordedCall("epoll_wait", 1_000 * MS, 0, 0, 9, 590, SERVER, "tritonserver", True)
    calls = (*sorted(server.calls, key=lambda one: one.entry_ns), idle)
    return observation("04-kprobes", seed, calls, ledger, server.clock.now_ns + 1_000 * MS, target=TARGET)


def send(server: Server, step: Step) -> list[LedgerEntry]:
    """The requests of one http step."""
    pid, name = (DECOY, "lab-decoy") if step.params["who"] == "decoy" else (SERVER, TARGET.name)
    sent, start_ns, ends_ns = [], server.clock.now_ns, []
    for number, lane in enumerate(step.params["lanes"]):
        # All at the same time, each on a thread of its own.
        server.clock.now_ns = start_ns
        server.connection(lane, pid, pid + 1 + number)
        ends_ns.append(server.clock.now_ns)
        sent += [entry("http", name, {**request, "lane": number}, start_ns) for request in lane]
    server.clock.now_ns = max(ends_ns)
    return sent


def entry(kind: str, who: str, detail: dict[str, Any], started_ns: int = 1) -> LedgerEntry:
    """A unit of traffic that went well."""
    return LedgerEntry(kind, who, True, started_ns, started_ns + 1, detail)


def callers_run(seed: int = 17) -> Observation:
    """A run of exercise 2 with everything but a tracer's report and programs."""
    plan = exercise("02-hello-world").plan(random.Random(seed), 2)
    calls: list[RecordedCall] = []
    tasks: list[RecordedTask] = []
    ledger: list[LedgerEntry] = []
    clock = Clock()
    for step in (plan.canary, *(step for phase in plan.phases for step in phase)):
        if step.kind != "exec_caller":
            continue
        name = step.params["caller"]
        ledger.append(entry("exec_caller", name, dict(step.params)))
        for ret, number in ((0, step.params["execs"]), (-2, step.params["fail_execs"])):
            for _ in range(number):
                at_ns = clock.spend(MS)
                pid = 1_000 + len(tasks)
                tasks.append(RecordedTask("fork", at_ns, pid, name))
                calls.append(RecordedCall("execve", at_ns, at_ns + 300_000, ret, 0, pid, pid, name, False))
                if ret == 0:
                    tasks.append(RecordedTask("exec", at_ns + 1, pid, "true"))
        tasks += [RecordedTask("fork", clock.spend(MS), 1, name) for _ in range(step.params["forks"])]
    end_ns = clock.now_ns + 1_000 * MS
    return observation("02-hello-world", seed, tuple(calls), ledger, end_ns, tasks=tuple(tasks))


def observation(
    slug: str,
    seed: int,
    calls: tuple[RecordedCall, ...],
    ledger: list[LedgerEntry],
    sigint_ns: int,
    target: Target | None = None,
    tasks: tuple[RecordedTask, ...] = (),
) -> Observation:
    """Both recorders saw the same; the inner one 2 us less on each side."""
    inner = tuple(
        dataclasses.replace(one, entry_ns=one.entry_ns + 2_000, exit_ns=one.exit_ns and one.exit_ns - 2_000)
        for one in calls
    )
    return Observation(
        exercise=slug,
        seed=seed,
        attempt="0123456789abcdef",
        host=HostFacts("vm", "6.12.0-cloud-amd64", "tcg", 2),
        target=target,
        traffic_ran=True,
        ledger=tuple(ledger),
        recordings=(Recording("raw_tracepoint", calls, tasks), Recording("fentry", inner, tasks)),
        tracer=TracerRun(True, "sigint", 0, ready_ns=1_500 * MS, sigint_ns=sigint_ns),
        report=Report({}, bytes=2),
        kernel=KernelFacts(),
    )


# --- tracers ---


def container(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    """What the solution of exercise 4 sees: the container's calls that have ended."""
    return [one for one in calls if one.in_target and one.exit_ns]


def triton_report(
    calls: Iterable[RecordedCall],
    tracer: Tracer = container,
    data: Callable[[RecordedCall], bool] = lambda one: one.ret > 0,
    times: int = 1,
) -> dict[str, Any]:
    """The report of a tracer of exercise 4 that sees `tracer(calls)`."""
    seen = tracer(calls)
    entered, returned = (
        Counter(one.syscall for one in seen),
        Counter(one.syscall for one in seen if data(one)),
    )
    names = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
    events = [
        {
            "syscall": one.syscall,
            "pid": one.pid,
            "tid": one.tid,
            "fd": one.fd,
            "comm": one.comm,
            "ts_ns": one.entry_ns + 1_000,
            "ret": one.ret,
            "duration_ns": one.duration_ns - 2_000,
        }
        for one in seen
    ]
    counts = {name: {"calls": entered[name] * times, "with_data": returned[name]} for name in names}
    return {"counts": counts, "events": events}


def programs(runs: Mapping[tuple[str, str], int], maps: tuple[MapFacts, ...] | None = None) -> KernelFacts:
    """One program at each place (kind, function), run so often, on these maps (one roomy map by default)."""
    maps = (MapFacts(3, "counts", "hash", 1024, 9),) if maps is None else maps
    ids = tuple(one.id for one in maps)
    return KernelFacts(
        programs=tuple(
            ProgramFacts(10 + number, where[:12], "kprobe", count, count * 1_000, 0, ids)
            for number, ((_, where), count) in enumerate(runs.items())
        ),
        attachments=tuple(
            Attachment(10 + number, kind, f"__x64_sys_{where}" if kind.startswith("k") else where)
            for number, (kind, where) in enumerate(runs)
        ),
        maps=maps,
    )


def both_ends(calls: Iterable[RecordedCall], returns: float = 1.0) -> dict[tuple[str, str], int]:
    """Entry and return programs of exercise 4; epoll_wait's return ran for this share of the calls."""
    ran = Counter(one.syscall for one in calls)
    runs = {(kind, name): ran[name] for name in ran for kind in ("kprobe", "kretprobe")}
    runs["kretprobe", "epoll_wait"] = int(ran["epoll_wait"] * returns)
    return runs


def attached_twice(kernel: KernelFacts) -> KernelFacts:
    """Each program at its place two times, so that it ran twice as often."""
    return dataclasses.replace(
        kernel,
        attachments=kernel.attachments * 2,
        programs=tuple(dataclasses.replace(one, run_count=2 * one.run_count) for one in kernel.programs),
    )
