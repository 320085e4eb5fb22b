# expect: interference interference
# alone: it would disturb whoever shares its run
# exercise: 4
"""Programs that take long on what the server does all the time, so that its traffic cannot go as planned."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for function in ("epoll_wait", "futex", "recvfrom", "readv", "writev", "sendto", "sendmsg"):
    bpf.attach_kprobe(event=bpf.get_syscall_fnname(function), fn_name="take_long")
ready()
wait_for_stop()
report({"counts": {}})
