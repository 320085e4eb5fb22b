"""Plays the cheating attendee on a lab host; looks at the host after each attack, and checks honestly too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.host import Host
from grader.observation import Observation
from grader.observe import observe
from lab import checkout
from lab.dev.attacks import Attack, honest, runs_of
from lab.dev.entries import Entry
from lab.dev.matrix import Result, Row, run_matrix
from lab.dev.record import Record, record_of
from lab.hosts import open_host, reset_host
from lab.terminal import say
from vm.errors import HostUnavailable
from workloads.discover import load_workload

RUNS_PER_HONEST_CHECK = 5

LOOKS = 5
"""At the host after a run; one takes a second when emulated."""

STATE = """
systemctl show -P MainPID lab-recorder.service
cat /sys/kernel/tracing/kprobe_events
bpftool prog show | grep -cE ': (kprobe|tracepoint|raw_tracepoint|tracing|lsm|perf_event|xdp) '
for service in /sys/fs/cgroup/system.slice/lab-tracer-*; do
  [ -d "$service" ] || continue  # There is none: the pattern stands for itself.
  name=${service##*/lab-tracer-}
  [ -e "/run/lab/spares/${name%.service}" ] || echo "$name"
done
find /run/lab/sessions /sys/fs/bpf /opt/lab -mindepth 1 -maxdepth 1 2>/dev/null
"""
"""What must be the same before and after. A jail that waits was in no attempt's hands."""


def play(attacks: Sequence[Attack], again: bool) -> list[Row]:
    """All of them; those whose record with the same sources is good are not repeated unless `again`."""
    rows: list[Row] = []
    for slug in sorted({checkout.exercise(one.exercise).slug for one in attacks}):
        exercise, record = checkout.exercise(slug), attack_record(slug)
        mine = [one for one in attacks if checkout.exercise(one.exercise).slug == slug]
        known = {} if again else {key: row for key, row in record.rows().items() if row.good}
        keys = {one.name: (one.entry.title, Attempt.of(one.entry.files).digest) for one in mine}
        rows += [known[key] for key in keys.values() if key in known]
        if rows:
            say(f"{len(rows)} attacks are known from an earlier run")
        left = list(runs_of([one for one in mine if keys[one.name] not in known]))
        for start in range(0, len(left), RUNS_PER_HONEST_CHECK):
            found = batch(exercise, left[start : start + RUNS_PER_HONEST_CHECK])
            for row in found:
                record.add(row)
            rows += found
    return rows


def attack_record(slug: str) -> Record:
    """What came of the attacks on an exercise with these sources; others have another record."""
    return record_of("attacks", slug, "tests/attacks")


def batch(exercise: Exercise, runs: Sequence[Sequence[Attack]]) -> list[Row]:
    """Several runs of attacks, then an honest check; when that fails, run by run to see whose fault it is."""
    try:
        with open_host("dev attack", say) as host:
            rows = [row for run in runs for row in attack_run(exercise, run, host)]
            after = honest_check(exercise, host, [one.name for run in runs for one in run])
        if after.good:
            return [*rows, after]
        why = after.trouble
    except HostUnavailable as error:
        why = f"{error}"
    say(f"{exercise.slug}: {why}")
    reset_host(say)
    if len(runs) > 1:
        say("one run at a time, to see which attack it was")
        return [row for run in runs for row in batch(exercise, [run])]
    return [lost(exercise, one, why) for one in runs[0]]


def attack_run(exercise: Exercise, run: Sequence[Attack], host: Host) -> list[Row]:
    """One traffic run with these attacks, and whether it left the host as it was."""
    before = state(host)
    by_title = {one.entry.title: one for one in run}
    rows = []
    for result in results(exercise, [one.entry for one in run], host):
        attack = by_title[result.row.title]
        rows.append(judged(attack, result))
    changed = "; ".join(sorted(lasting_change(host, before)))
    if changed:
        rows = [replace(row, trouble=f"the host is not as it was: {changed}") for row in rows]
    for row in rows:
        say(f"{'ok    ' if row.good else 'WRONG '} {row.title}: {row.trouble or row.came}")
    return rows


def judged(attack: Attack, result: Result) -> Row:
    """The row, with what the attack itself says of the jail."""
    row = result.row
    trouble = row.trouble or attack.shortfall(result.seen)
    if attack.is_open:
        if trouble:
            trouble = f"no longer open? docs/trust.md says it passes; {trouble}"
        return replace(row, expected="open", came=f"open ({row.came})", trouble=trouble)
    return replace(row, trouble=trouble)


def honest_check(exercise: Exercise, host: Host, names: Sequence[str]) -> Row:
    """The solution must pass now."""
    (result,) = results(exercise, [honest(exercise)], host)
    row = replace(result.row, title=f"honest check after {', '.join(names)}")
    say(f"{'ok    ' if row.good else 'WRONG '} honest check: {row.trouble or row.came}")
    return row


def results(exercise: Exercise, entries: Sequence[Entry], host: Host) -> list[Result]:
    """These tracers on the host, as `lab check` would run them."""
    workload = load_workload(exercise.workload)

    def one_run(attempts: Sequence[Attempt], seed: int) -> list[Observation]:
        target = workload.up(host, say)
        return observe(exercise, attempts, host, target, workload, seed, say)

    return list(run_matrix(exercise, entries, one_run, say))


def lost(exercise: Exercise, attack: Attack, why: str) -> Row:
    """An attack after which the host could not be used."""
    digest = Attempt.of(attack.entry.files).digest
    expected = str(attack.entry.expected)
    return Row(exercise.slug, attack.entry.title, digest, expected, "host spoiled", why, 0, 0.0)


def lasting_change(host: Host, before: set[str]) -> set[str]:
    """What is not as it was; the kernel and systemd let go of some things a moment late."""
    for _ in range(LOOKS):
        changed = state(host) ^ before
        if not changed:
            break
    return changed


def state(host: Host) -> set[str]:
    """What must be the same before and after a run, line by line."""
    return set(host.run(["sh", "-c", STATE], check=False).stdout.splitlines())
