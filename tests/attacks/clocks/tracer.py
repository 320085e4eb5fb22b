# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Changes the clocks that durations are measured with."""

import ctypes
import time
from pathlib import Path

from attempts import attempt, call, end_with

ROOM = ctypes.create_string_buffer(b"\x01".ljust(256, b"\0"), 256)
attempt("clock_settime", lambda: call("clock_settime", time.CLOCK_REALTIME, ROOM))
attempt("settimeofday", lambda: call("settimeofday", ROOM, 0))
attempt("adjtimex", lambda: call("adjtimex", ROOM))
attempt("a namespace of clocks", lambda: call("unshare", 0x80))
attempt("offsets of clocks", lambda: Path("/proc/self/timens_offsets").write_text("monotonic 100 0"))
attempt(
    "the clock source",
    lambda: Path("/sys/devices/system/clocksource/clocksource0/current_clocksource").write_text("hpet"),
)
attempt("the hardware clock", lambda: Path("/dev/rtc0").open("rb"))
end_with({})
