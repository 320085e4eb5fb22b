"""The `lab` command: its verbs put together, and the one place where errors become exit codes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

from lab import failures
from lab.verbs import attendee, care, demonstrate, develop, grade, host, work

app = typer.Typer(
    name="lab",
    help="Observe servers from the kernel with eBPF, graded against real traffic.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (demonstrate, host, work, grade, attendee, care, develop):
    group.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and end the process with the exit code that `lab` promises."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def _end(number: int, _frame: object) -> None:
    # As an exception, so that everything that was started is stopped on the way out.
    raise SystemExit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one verb; returns the exit code and lets no exception out."""
    try:
        code = get_command(app).main(arguments or ["--help"], prog_name="lab", standalone_mode=False)
        return code if isinstance(code, int) else failures.PASSED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else failures.BROKEN
    except BrokenPipeError:
        # Whoever read our output has gone; nobody is left to tell.
        sys.stderr.close()
        return failures.PASSED
    except (Exception, KeyboardInterrupt) as error:
        explained = failures.explain(error)
        explained.show()
        return explained.exit_code
