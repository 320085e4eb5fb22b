"""Long work on a lab host: a command in a unit of its own, waited for as long as it works."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from vm.command import CommandFailed, shown
from vm.errors import HostError, HostSetupError, Stalled
from vm.machine_facts import Runs
from vm.progress_watch import BUSY_SHARE, STALL_S, Sign, Watch
from vm.side_by_side import require_wanted
from vocabulary.completed import Completed

SHOWN = ("ActiveState", "SubState", "ExecMainStatus", "CPUUsageNSec")
PAUSES_S = (0.2, 0.4, 0.8, 1.5)
"""Between two looks, the last one from then on: a look costs an emulated host a tenth of a second."""
LINES_KEPT = 12
UNIT_SETTINGS = (
    *("--service-type=exec", "-p", "RemainAfterExit=yes", "-p", "CPUAccounting=yes"),
    *("--setenv=HOME=/root", "--setenv=LC_ALL=C.UTF-8"),
)


def work(
    host: Runs,
    argv: Sequence[str],
    units: Sequence[str] = (),
    *,
    stall_s: float = STALL_S,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Completed:
    """Run a command to its end, however long it takes while it works; its output, both streams as one.

    `units` are services that do the work for it: their CPU time counts as well. Raises CommandFailed,
    HostSetupError for a service that failed, and Stalled with the last lines when none of them used the CPU
    for `stall_s`.
    """
    name = f"lab-work-{secrets.token_hex(4)}"
    output = f"/run/{name}.log"
    unit = f"{name}.service"
    with _cleaned_up(host, unit, output):
        to_file = ("-p", f"StandardOutput=file:{output}", "-p", f"StandardError=file:{output}")
        host.run(["systemd-run", "--quiet", f"--unit={unit}", *UNIT_SETTINGS, *to_file, "--", *argv])
        looks = _Looks(host, [unit, *units])
        watch = Watch([Sign(lambda: looks.cpu_s, BUSY_SHARE * stall_s)], stall_s, clock)
        pauses = list(PAUSES_S)
        while not looks.ended:
            require_wanted()
            if not watch.moving():
                raise _stalled(host, argv, units, output, stall_s)
            sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
            looks.look()
        done = Completed(looks.exit_code, "\n".join(_tail(host, output)), "")
    for failed in looks.failed:
        told = "".join(f"\n  {line}" for line in _journal(host, failed)) or " nothing"
        raise HostSetupError(f"{failed} did not start on the lab host; it said last:{told}", "lab up")
    if done.exit_code != 0:
        raise CommandFailed(argv, done)
    return done


class _Looks:
    """What systemd says of the units: the first is the command's own."""

    def __init__(self, host: Runs, units: Sequence[str]) -> None:
        self._host, self._units = host, units
        self.look()

    def look(self) -> None:
        properties = [word for name in SHOWN for word in ("-p", name)]
        said = self._host.run(["systemctl", "show", *properties, *self._units]).stdout
        blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in said.split("\n\n")]
        own = blocks[0]
        self.ended = own["ActiveState"] in ("failed", "inactive") or own["SubState"] == "exited"
        failed = own["ActiveState"] != "active"
        self.exit_code = int(own["ExecMainStatus"]) or int(failed)
        self.cpu_s = sum(_cpu_s(block) for block in blocks)
        others = zip(self._units[1:], blocks[1:], strict=True)
        self.failed = [name for name, block in others if block["ActiveState"] == "failed"]


def _cpu_s(block: Mapping[str, str]) -> float:
    said = block.get("CPUUsageNSec", "")
    # A unit that does not run says `[not set]`, or the largest number there is.
    return int(said) / 1e9 if said.isdigit() and int(said) < 2**63 else 0.0


def _stalled(host: Runs, argv: Sequence[str], units: Sequence[str], output: str, stall_s: float) -> Stalled:
    lines = _tail(host, output)
    for unit in units:
        lines += [f"{unit}: {line}" for line in _journal(host, unit)]
    told = "".join(f"\n  {line}" for line in lines) or " nothing"
    what = " and ".join([f"`{shown(argv)}`", *units])
    message = f"{what} used no CPU on the lab host for {stall_s:.0f} s and was ended; it said last:{told}"
    return Stalled(message, "lab up")


def _journal(host: Runs, unit: str) -> list[str]:
    argv = ["journalctl", "-q", "--no-pager", "-o", "cat", "-n", "4", "-u", unit]
    return host.run(argv, check=False).stdout.splitlines()


def _tail(host: Runs, output: str) -> list[str]:
    return host.run(["tail", "-n", str(LINES_KEPT), output], check=False).stdout.splitlines()


@contextlib.contextmanager
def _cleaned_up(host: Runs, unit: str, output: str) -> Iterator[None]:
    try:
        yield
    finally:
        # The host may be lost by now, which is not news of this step.
        with contextlib.suppress(HostError):
            script = 'systemctl stop "$1"; systemctl reset-failed "$1"; rm -f "$2"'
            host.run(["sh", "-c", script, "sh", unit, output], check=False)
