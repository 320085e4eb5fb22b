"""Each number beside what was recorded, and what the tracer cost beside the solution."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.observation import Report
from lab import checkout
from lab.comparison.compare import compare
from lab.comparison.in_words import in_words
from tests.exercises.simulated import SERVER, container, triton_report, triton_run
from tests.lab.comparison.shown_runs import compared, picture, right, run_of


def test_a_number_that_may_be_one_of_several_is_right_when_it_is_one_of_them() -> None:
    told = in_words(right("04-kprobes"))
    assert "counts.epoll_wait.calls: expected 1,318 to 1,330, reported 1,324: right." in told
    assert "differs" not in told


def test_a_wrong_number_is_named_on_both_sides() -> None:
    seen = run_of("02-hello-world")
    assert isinstance(seen.report, Report)
    counts = {name: 2 * number for name, number in seen.report.document["counts"].items()}
    comparison = compared(replace(seen, report=Report({"counts": counts}, bytes=9)))
    assert "counts.dusty-otter: expected 48, reported 96: exactly twice." in in_words(comparison)
    assert re.search(r"counts\.dusty-otter +48 +96 +exactly twice +█+▄+", picture(comparison, 80))


def test_a_tracer_that_sees_only_the_servers_process_stands_beside_the_container_of_a_simulated_run() -> None:
    run = triton_run()
    document = triton_report(
        run.recordings[0].calls, lambda every: [one for one in container(every) if one.pid == SERVER]
    )
    comparison = compared(replace(run, report=Report(document, bytes=9)))
    marks = {row.name: row.mark for row in comparison.rows}
    assert all(
        marks[f"counts.{name}.calls"].endswith("too few") for name in ("readv", "writev", "epoll_wait")
    )
    right = compared(replace(run, report=Report(triton_report(run.recordings[0].calls), bytes=9)))
    assert {row.mark for row in right.rows} == {"right", ""}


# --- cost ---


def test_a_program_at_a_place_of_its_own_stands_beside_nothing() -> None:
    seen = run_of("02-hello-world")
    (place,) = seen.kernel.attachments
    moved = replace(seen.kernel, attachments=(replace(place, kind="tracepoint", where="sys_enter_execve"),))
    told = in_words(compared(replace(seen, kernel=moved)))
    assert (
        "tracepoint on sys_enter_execve: yours 105 runs, 95,240 ns each; the solution has none here." in told
    )
    assert "kprobe on execve: yours has none here; the solution's 105 runs, 95,240 ns each." in told


def test_where_the_kernel_measured_no_time_none_is_shown() -> None:
    seen = run_of("02-hello-world")
    idle = tuple(replace(one, run_time_ns=0) for one in seen.kernel.programs)
    comparison = compared(replace(seen, kernel=replace(seen.kernel, programs=idle)))
    assert "yours 105 runs, no time known; the solution's 105 runs, 95,240 ns each." in in_words(comparison)


def test_an_exercise_without_a_recorded_solution_shows_the_cost_of_the_tracer_alone() -> None:
    seen = run_of("02-hello-world")
    alone = compare(checkout.exercise(seen.exercise), seen)
    assert "kprobe on execve: yours 105 runs, 95,240 ns each; the solution has none here." in in_words(alone)
    assert "The solution has no recorded run to compare with." in in_words(alone)
    assert "95,240         -" in picture(alone, 80)


def test_two_programs_at_one_place_are_one_cost() -> None:
    seen = run_of("02-hello-world")
    (program,), (place,) = seen.kernel.programs, seen.kernel.attachments
    twin = replace(program, id=1, run_count=3 * program.run_count, run_time_ns=program.run_time_ns)
    both = replace(seen.kernel, programs=(program, twin), attachments=(place, replace(place, program_id=1)))
    assert "kprobe on execve: yours 420 runs, 47,620 ns each" in in_words(
        compared(replace(seen, kernel=both))
    )


def test_another_kind_of_machine_is_named_beside_the_solutions() -> None:
    seen = run_of("02-hello-world")
    assert "Another machine" not in in_words(compared(seen))
    elsewhere = replace(seen, host=replace(seen.host, kind="ssh", accel="none"))
    assert "Yours: ssh, kernel" in in_words(compared(elsewhere))
    assert "Another machine: compare programs, not times." in in_words(compared(elsewhere))
