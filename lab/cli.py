"""The `lab` command: its verbs put together, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from lab import failures, streams
from lab.settings import load_settings
from lab.terminal import say
from vocabulary.exit_codes import BROKEN, INTERRUPTED, PASSED

GROUPS: Mapping[str, tuple[str, ...]] = {
    "demonstrate": ("demo",),
    "host": ("up", "down", "shell", "logs"),
    "work": ("start", "reset"),
    "grade": ("run", "check", "watch", "replay", "show"),
    "attendee": ("list", "status", "hint", "solution"),
    "care": ("doctor", "gc", "uninstall"),
    "develop": ("dev",),
    "website": ("site", "open"),
}
"""Module below `lab.verbs` -> the verbs it registers. Only the module of the verb asked for is imported: all
together take half a second."""


def app_for(words: Sequence[str]) -> typer.Typer:
    """The command with the verb that `words` begin with; with all verbs where they begin with none."""
    app = typer.Typer(
        name="lab",
        help="Observe servers from the kernel with eBPF, graded against real traffic.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # With a callback a command stays a group, even when it has but one verb.
    app.callback()(before_verb)
    wanted = [name for name, verbs in GROUPS.items() if words and words[0] in verbs] or list(GROUPS)
    for name in wanted:
        importlib.import_module(f"lab.verbs.{name}").add_to(app)
    return app


BRINGS_NOTHING_TO = ("uninstall", "gc", "down")
"""Verbs that only take away."""


def before_verb(
    context: typer.Context,
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle", envvar="LAB_BUNDLE", help="Take everything from this file: needs no network."
        ),
    ] = None,
) -> None:
    """A bundle's parts are unpacked before any verb that may need them."""
    if bundle is None or context.invoked_subcommand in BRINGS_NOTHING_TO or load_settings().host != "vm":
        return
    # Here, because without a bundle nobody needs it.
    from lab.bundle.unpack import unpack

    unpack(bundle, say)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and end the process with the exit code that `lab` promises."""
    streams.make_lasting()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def _end(number: int, _frame: object) -> None:
    # As an exception, so that everything that was started is stopped on the way out.
    raise SystemExit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one verb; returns the exit code and lets no exception out."""
    try:
        command = get_command(app_for(arguments))
        code = command.main(arguments or ["--help"], prog_name="lab", standalone_mode=False)
        if code == INTERRUPTED:
            # typer turns Ctrl-C into this code without a word.
            failures.explain(KeyboardInterrupt()).show()
        sys.stdout.flush()
        return code if isinstance(code, int) else PASSED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else BROKEN
    except (Exception, KeyboardInterrupt) as error:
        explained = failures.explain(error)
        explained.show()
        return explained.exit_code
