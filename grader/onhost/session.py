"""The session: one check's hands on the lab host. Orders come as lines of JSON, see `contract/`.

When standard input ends, or a signal asks, everything of this session is stopped and removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .contract import driver_orders, host_orders, recorder_orders, tracer_orders
from .contract.broken import Broken
from .contract.disturbed import Disturbed
from .contract.kind_of_failure import Kind
from .contract.messages import Asked, Done, Failed, Message, Working, from_line, to_line
from .contract.order import Nothing, Order
from .contract.plain_data import PlainDataError, to_plain
from .driver.orders import ROLES, Driver
from .driver.spare_processes import SpareProcesses
from .jail import options
from .jail.pins import mounted_below, unmount
from .jail.spare import end_ownerless
from .kernel import trace_buffer
from .network import raw_packets
from .recorder.client import RecorderClient
from .tracer import means
from .tracer.means import TracerMeans
from .tracer.orders import TracerOrders

FOLDERS = Path("/run/lab/sessions")
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Session:
    """Everything one check has on the host. A context manager: leaving it stops and removes all of it."""

    def __init__(self, processes: SpareProcesses) -> None:
        self._folder = FOLDERS / str(os.getpid())
        self._folder.mkdir(parents=True)
        self._out_lock = threading.Lock()
        self._means = TracerMeans(self._folder)
        self._recorder = RecorderClient()
        self._driver = Driver(processes, self._folder)
        tracers = self._tracers = TracerOrders(self._folder, self._means, self._recorder, self.say)
        driver = self._driver
        silent: dict[type[Order[Any]], Callable[[Any], object]] = {
            host_orders.Hello: self._hello,
            host_orders.Quiet: self._quiet,
            host_orders.TraceLines: self._trace_lines,
            host_orders.MeasureYardstick: tracers.yardstick,
            recorder_orders.RecorderEnclose: self._recorder_enclose,
            recorder_orders.RecorderRead: self._recorder_read,
            recorder_orders.RecorderOff: self._recorder_off,
            tracer_orders.StartTracer: tracers.start,
            tracer_orders.StartAhead: tracers.start_ahead,
            tracer_orders.WaitReady: tracers.wait_ready,
            tracer_orders.AskKernel: tracers.kernel_facts,
            tracer_orders.CountRuns: tracers.run_counts,
            tracer_orders.StopTracer: tracers.stop,
            tracer_orders.FindLeftBehind: tracers.left_behind,
            driver_orders.ExecCaller: driver.exec_caller,
            driver_orders.TracePipeNoise: driver.trace_pipe_noise,
            driver_orders.ParkThreads: driver.park_threads,
            driver_orders.UnparkThreads: driver.unpark_threads,
            driver_orders.TargetCalls: driver.target_calls,
            driver_orders.HoldThreads: driver.hold_threads,
            driver_orders.ReleaseThreads: driver.release_threads,
            driver_orders.RawPackets: self._raw_packets,
        }
        self._orders = {kind.name: (kind, _silently(do)) for kind, do in silent.items()}
        # The one order that may take minutes and says meanwhile that it gets on.
        self._orders[recorder_orders.RecorderOn.name] = recorder_orders.RecorderOn, self._recorder_on

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        # What fails, or a signal in the middle, must not keep the rest from going. The last is done first.
        with contextlib.ExitStack() as steps:
            steps.callback(self._tracers.begin_next)
            steps.callback(end_ownerless, FOLDERS)
            steps.callback(shutil.rmtree, self._folder, ignore_errors=True)
            steps.callback(self._stop_recording)
            steps.callback(self._tracers.remove_probes)
            steps.callback(self._means.__exit__)
            steps.callback(self._driver.__exit__)
            steps.callback(self._tracers.close)

    def _stop_recording(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._recorder.off()

    def carry_out(self, asked: Asked) -> None:
        """One order, answered whatever happens. Meant for a thread of its own."""
        try:
            if asked.order not in self._orders:
                raise Broken(f"unknown order {asked.order}")
            kind, do = self._orders[asked.order]
            done = do(kind.of(asked.params), lambda: self.say(Working(asked.id)))
            self.say(Done(asked.id, to_plain(done)))
        except Disturbed as error:
            self.say(Failed(asked.id, str(error), disturbed=True))
        except (Broken, PlainDataError) as error:
            self.say(Failed(asked.id, str(error), kind=Kind.BROKEN))
        except TimeoutError as error:
            self.say(Failed(asked.id, str(error) or repr(error), kind=Kind.BUSY))
        except Exception as error:  # the lab side must hear of it, whatever it is
            self.say(Failed(asked.id, str(error) or repr(error)))

    def say(self, message: Message) -> None:
        """One line to the lab side; nobody may be listening any more."""
        line = to_line(message) + "\n"
        with self._out_lock, contextlib.suppress(OSError, ValueError):
            sys.stdout.write(line)
            sys.stdout.flush()

    def _hello(self, _order: host_orders.Hello) -> host_orders.HostNotes:
        return host_orders.HostNotes(tuple(options.notes(options.systemd_version())))

    def _quiet(self, order: host_orders.Quiet) -> Nothing:
        began = time.monotonic()
        last, still = self._moved(), 0
        while still < order.polls and time.monotonic() - began < order.timeout_s:
            time.sleep(order.every_s)
            now = self._moved()
            still = still + 1 if now == last else 0
            last = now
        return Nothing()

    def _trace_lines(self, _order: host_orders.TraceLines) -> host_orders.TracePipe:
        return host_orders.TracePipe(trace_buffer.printed_by_programs())

    def _recorder_on(
        self, order: recorder_orders.RecorderOn, working: Callable[[], None]
    ) -> recorder_orders.RecorderIsOn:
        self._driver.cgroup_path = order.target.cgroup_path
        trace_buffer.clear()
        return self._recorder.on(order, working)

    def _recorder_enclose(self, _order: recorder_orders.RecorderEnclose) -> Nothing:
        self._recorder.enclose()
        return Nothing()

    def _recorder_read(self, _order: recorder_orders.RecorderRead) -> recorder_orders.RecordingFile:
        return self._recorder.read_into(self._folder / "recording")

    def _recorder_off(self, _order: recorder_orders.RecorderOff) -> Nothing:
        self._recorder.off()
        return Nothing()

    def _raw_packets(self, order: driver_orders.RawPackets) -> driver_orders.FramesSent:
        return raw_packets.send(self._means.links.values(), order)

    def _moved(self) -> tuple[int, ...]:
        return (*self._recorder.moved(), self._means.arrived())


def _silently(do: Callable[[Any], object]) -> Callable[[Any, Callable[[], None]], object]:
    """For an order that says nothing before it is done."""
    return lambda order, _working: do(order)


def remove_stale() -> None:
    """End what sessions left that were killed: their process is gone, their tracers may not be."""
    means.remove_stale(_alive)
    for folder in FOLDERS.glob("*"):
        if not _alive(folder.name):
            for pins in mounted_below(folder):
                unmount(pins)
            shutil.rmtree(folder, ignore_errors=True)
    end_ownerless(FOLDERS)


def _alive(pid: str) -> bool:
    return Path("/proc", pid).exists()


def _end(_signal: int, _frame: object) -> None:
    # One is enough: another must not cut short what is being removed.
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(1)


def main() -> int:
    """Until standard input ends."""
    for number in ENDING:
        signal.signal(number, _end)
    with SpareProcesses(ROLES) as processes:
        remove_stale()
        with Session(processes) as session:
            for line in sys.stdin:
                asked = from_line(line)
                if isinstance(asked, Asked):
                    threading.Thread(target=session.carry_out, args=(asked,), daemon=True).start()
    # Threads of unfinished orders must not keep the process.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
