"""`lab dev`: what authors of exercises need."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from grader.attempt import Attempt
from lab import checkout
from lab.bundle.archive import CHECKOUT_FOLDER
from lab.dev import test_stages
from lab.dev.attack import attack_record, play
from lab.dev.attacks import attacks
from lab.dev.bench.check_times import check_times
from lab.dev.bench.first_run import first_runs
from lab.dev.bench.loop_times import loop_times
from lab.dev.bench.recorder_times import recorder_times
from lab.dev.bench.start_times import start_times
from lab.dev.entries import entries
from lab.dev.matrix_session import table, tally, whole_matrix
from lab.dev.new_exercise import make_exercise
from lab.dev.record import Record, matrix_record
from lab.dev.rejected.page import write_page
from lab.dev.rejected.refitting import Refitted, refit
from lab.dev.soak.campaign import soak as soak_exercise
from lab.dev.soak.rates import summary
from lab.dev.soak.runs import recorded
from lab.dev.time_budget import commits_so_far, run_stages
from lab.settle import new_seed
from lab.storage import shown_size
from lab.terminal import answer, say, stage
from vm.folders import Folders
from vm.image.choice import current_image
from vm.image.transfer import export_image
from vocabulary.errors import Unusable
from vocabulary.exit_codes import FAILED, PASSED

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Exercises; all when none is named.", autocompletion=checkout.complete),
]
Minutes = Annotated[float | None, typer.Option("--minutes", help="Start no new run after so many minutes.")]
Again = Annotated[bool, typer.Option("--again", help="Also what was found before with the same sources.")]
Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep the results with the sources (docs/records), if all are as expected."),
]


def add_to(app: typer.Typer) -> None:
    """Register `lab dev` and what is below it."""
    dev = typer.Typer(help="For authors of exercises.", rich_markup_mode=None)
    image = typer.Typer(help="The lab host's image.", rich_markup_mode=None)
    dev.command("new", help="Begin a new exercise.\n\nExample: lab dev new disk-writes")(new)
    dev.command("check", help="The whole matrix of exercises.\n\nExample: lab dev check 4")(check)
    dev.command("mistakes", help="Write docs/mistakes.md anew.\n\nExample: lab dev mistakes")(mistakes)
    dev.command("test", help="Everything that must hold.\n\nExample: lab dev test")(test)
    dev.command("attack", help="Play the cheating attendee.\n\nExample: lab dev attack")(attack)
    dev.command("soak", help="Many runs, counted.\n\nExample: lab dev soak 4 --runs 20 --hogs 2")(soak)
    dev.command("bench", help="How long things take, as ratios.\n\nExample: lab dev bench 4")(bench)
    image.command("export", help="Write the image to a file.\n\nExample: lab dev image export lab.tar.zst")(
        export
    )
    dev.command("bundle", help="All of the lab in a file.\n\nExample: lab dev bundle lab.bundle")(bundle)
    dev.add_typer(image, name="image")
    app.add_typer(dev, name="dev")


def new(
    slug: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.", metavar="SLUG")],
    number: Annotated[
        int | None, typer.Option("--number", help="Its number; without it, the next one.")
    ] = None,
) -> None:
    """A small exercise that works, to write yours over."""
    made = make_exercise(slug, number)
    for folder in made.folders:
        answer.print(f"made   {folder}", markup=False)
    page = write_page()
    answer.print(f"listed {page}", markup=False)
    answer.print(f"read   {checkout.AUTHORS_PAGE}", markup=False)
    exercise, solution = made.folders
    answer.print(f"look   lab site serve   # its page: exercises/{exercise.name}.html", markup=False)
    answer.print(f"run    lab run {made.number} --tracer {shlex.quote(str(solution))}", markup=False)
    answer.print(f"check  lab dev check {made.number}", markup=False)
    kept = shlex.join(str(path.relative_to(checkout.ROOT)) for path in (exercise, solution, page))
    answer.print(f"keep   git -C {shlex.quote(str(checkout.ROOT))} add {kept}", markup=False)


def mistakes() -> None:
    """From the first lines of every rejected tracer: after one came, went, or says something else."""
    answer.print(f"wrote {write_page()}", markup=False)


def test(
    host: Annotated[bool, typer.Option("--host/--no-host", help="With what needs a lab host.")] = True,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="With what needs Chromium.")] = True,
    limit: Annotated[
        float | None,
        typer.Option("--minutes", help="Leave out, and name, what would not end within so many minutes."),
    ] = None,
    matrix_minutes: Annotated[
        float, typer.Option("--matrix-minutes", help="Then as much of the whole matrix as fits.")
    ] = 0.0,
    seed: Annotated[int | None, typer.Option("--seed", help="Choose the rejected tracers by this.")] = None,
) -> None:
    """Lint, types, unit tests, the site in a browser; then what needs a lab host."""
    chosen = new_seed() if seed is None else seed
    stages = test_stages.stages(host=host, browser=browser, seed=chosen)
    began_s = time.monotonic()
    total = run_stages(stages, None if limit is None else limit * 60, commits_so_far())
    if host and matrix_minutes:
        until_s = time.monotonic() + matrix_minutes * 60
        if limit is not None:
            until_s = min(until_s, began_s + limit * 60)
        with stage(f"the whole matrix, for {max(0.0, until_s - time.monotonic()) / 60:.0f} minutes at most"):
            total += tally(whole_matrix(checkout.slugs(), until_s, kept=False))
    total.print_closing()
    raise typer.Exit(FAILED if total.failed else PASSED)


def check(
    names: Names = None,
    minutes: Minutes = None,
    again: Again = False,
    keep: Keep = False,
    only_refit: Annotated[
        bool, typer.Option("--refit", help="Run nothing: carry edit lists over to a solution that changed.")
    ] = False,
) -> None:
    """Starter, solution, variants, rejected and junk; goes on where an earlier call was interrupted."""
    slugs = [checkout.exercise(name).slug for name in names or ()] or list(checkout.slugs())
    if only_refit:
        raise typer.Exit(show_refitted([one for slug in slugs for one in refit(checkout.exercise(slug))]))
    until = None if minutes is None else time.monotonic() + minutes * 60
    rows = whole_matrix(slugs, until, again=again)
    answer.print(table(rows), markup=False)
    total = tally(rows)
    total.print_closing()
    keep_records([matrix_record(slug) for slug in slugs if keep and not total.failed])
    raise typer.Exit(FAILED if total.failed or not rows else PASSED)


def show_refitted(lists: Sequence[Refitted]) -> int:
    """Which edit lists were carried over, and what could not be; the exit code."""
    for one in lists:
        if not one.trouble:
            answer.print(f"carried over  {one.path}", markup=False)
        for trouble in one.trouble:
            answer.print(trouble, markup=False)
        if one.trouble:
            answer.print(f"hint: {one.hint}", markup=False)
    if not lists:
        say("every edit list fits its solution")
    return FAILED if any(one.trouble for one in lists) else PASSED


def attack(
    names: Annotated[
        list[str] | None, typer.Argument(help="Attacks (folders of tests/attacks); all when none is named.")
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", help="Only attacks on this one.", autocompletion=checkout.complete),
    ] = None,
    again: Again = False,
    keep: Keep = False,
) -> None:
    """Each must fail for its reason, and an honest check afterwards must pass."""
    chosen = attacks(names or ())
    if exercise is not None:
        slug = checkout.exercise(exercise).slug
        chosen = tuple(one for one in chosen if checkout.exercise(one.exercise).slug == slug)
    rows = play(chosen, again)
    answer.print(table(rows), markup=False)
    total = tally(rows)
    total.print_closing()
    slugs = {checkout.exercise(one.exercise).slug for one in chosen}
    keep_records([attack_record(slug) for slug in sorted(slugs) if keep and not total.failed])
    raise typer.Exit(FAILED if total.failed or not rows else PASSED)


def keep_records(records: Sequence[Record]) -> None:
    """Put each with the sources, and say where."""
    for record in records:
        say(f"kept {len(record.rows())} results as {record.keep()}")


def soak(
    names: Names = None,
    runs: Annotated[int, typer.Option("--runs", help="Traffic runs of each exercise.")] = 20,
    hogs: Annotated[
        int, typer.Option("--hogs", help="So many hogs of CPU and memory on this machine.", min=0)
    ] = 0,
    single: Annotated[bool, typer.Option("--one-cpu", help="On a lab host with one CPU left.")] = False,
    heavy: Annotated[
        bool, typer.Option("--heavy", help="With a right tracer that takes long to load in each run.")
    ] = False,
    from_records: Annotated[
        bool, typer.Option("--recorded", help="Run nothing: what the records in docs/soak come to.")
    ] = False,
) -> None:
    """Exit code 1 when a right tracer was rejected or a wrong one accepted."""
    slugs = [checkout.exercise(name).slug for name in names or ()] or list(checkout.slugs())
    if from_records:
        found = [run for run in recorded() if run.exercise in slugs]
    else:
        found = [
            run
            for slug in slugs
            for run in soak_exercise(slug, runs, hog_count=hogs, single=single, heavy=heavy)
        ]
    answer.print("\n".join(summary(found)), markup=False)
    wrong = any(run.wrong_rejects or run.wrong_accepts for run in found)
    raise typer.Exit(FAILED if wrong else PASSED)


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Exercises to time, or first-run; 4.", autocompletion=checkout.complete),
    ] = None,
    times: Annotated[int, typer.Option("--times", help="Measurements of each kind, at least 1.", min=1)] = 5,
    commit: Annotated[
        str | None, typer.Option("--against", help="Time this commit beside the checkout.", metavar="COMMIT")
    ] = None,
) -> None:
    """Stops and starts the embedded lab host many times; what was changed inside it is gone afterwards.

    With --against, both checkouts use lab hosts of their own; yours is left alone.
    """
    if names == [FIRST_RUN]:
        if commit is None:
            raise Unusable("a first run is timed against that of another commit", LIKE_FIRST_RUN)
        with stage("first runs, from nothing"):
            tell(first_runs(commit, say))
        return
    exercises = [checkout.exercise(name) for name in names or [USUAL]]
    slugs = ", ".join(exercise.slug for exercise in exercises)
    if commit is not None:
        with stage(f"the loop of {slugs}, beside that of {commit}"):
            tell(loop_times(exercises, commit, times, say))
        return
    with stage("starts of the lab host"):
        tell(start_times(times, max(1, times // 3), say).lines())
    for exercise in exercises:
        solution = next(one for one in entries(exercise) if one.kind == "solution")
        with stage(f"checks of {exercise.slug}"):
            tell(check_times(exercise, Attempt.of(solution.files), times, say).lines())
        with stage(f"recorders on and off, {exercise.slug}"):
            tell(recorder_times(exercise, 2 * times, say).lines())


USUAL = "4"
FIRST_RUN = "first-run"
LIKE_FIRST_RUN = f"lab dev bench {FIRST_RUN} --against COMMIT"


def tell(lines: Sequence[str]) -> None:
    """Each part as soon as it is known: a later one that fails must not take it away."""
    answer.print("\n".join(lines), markup=False)


def bundle(
    file: Annotated[Path, typer.Argument(help="Where to write it.", metavar="FILE")],
    machine: Annotated[
        bool, typer.Option("--machine/--no-machine", help="With a saved machine: a cold start now.")
    ] = True,
) -> None:
    """For a room without network: hand FILE out, and everybody works with `bin/lab --bundle FILE`."""
    # Here, because no other verb needs what it needs.
    from lab.bundle.make import make_bundle

    digest = make_bundle(file, say, with_machine=machine)
    answer.print(f"{file}: {shown_size(file.stat().st_size)}, sha256 {digest}", markup=False)
    answer.print(f"to check a copy of it: sha256sum -c {file.name}.sha256", markup=False)
    answer.print(
        f"on another machine:    tar -xf {file.name} {CHECKOUT_FOLDER}\n"
        f"                       {CHECKOUT_FOLDER}/bin/lab --bundle {file.name} up",
        markup=False,
    )


def export(
    file: Annotated[Path, typer.Argument(help="Where to write it.", metavar="FILE")],
) -> None:
    """The image in use, without any keys, and its digest for `lab up --image`."""
    digest = export_image(current_image(Folders.of_user().images, say), file, say)
    answer.print(f"lab up --image {file} --sha256 {digest}", markup=False)
