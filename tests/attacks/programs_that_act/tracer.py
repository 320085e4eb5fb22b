# expect: interference interference
# tries: refused
"""eBPF programs that act on other processes: each kind that the kernel knows, loaded without any compiler."""

from attempts import KPROBE, RETURN_0, SYSCALL, TRACING, attempt, calls, end_with, load

HELPERS = {
    "write_user": 36,
    "override_return": 58,
    "send_signal": 109,
    "send_signal_thread": 117,
    "sys_bpf": 166,
}
KINDS = {"writable raw tracepoint": 24, "struct_ops": 27, "extension": 28, "system call": SYSCALL}
KINDS |= {"cgroup device": 15, "cgroup sysctl": 23}
ENTERS, CHANGES_RETURN, SECURITY = 24, 26, 27

load(RETURN_0)  # a harmless one goes through, so what follows is refused for what it is
for name, helper in HELPERS.items():
    attempt(name, lambda: load(calls(helper)))
    attempt(f"{name}, late", lambda: load(calls(5)[:-16] * 100 + calls(helper)))
    attempt(f"{name}, far behind", lambda: load(calls(5)[:-16] * 2000 + calls(helper)))
for kind in (5, 7, 17):
    attempt(f"send_signal in kind {kind}", lambda: load(calls(109), kind))
attempt("send_signal at an entry", lambda: load(calls(109), TRACING, ENTERS, 1))
attempt("a function of the kernel", lambda: load(calls(1, source=2)))
attempt("changing what functions return", lambda: load(RETURN_0, TRACING, CHANGES_RETURN, 1))
attempt("a security hook", lambda: load(RETURN_0, 29, SECURITY, 1))
for name, kind in KINDS.items():
    attempt(name, lambda: load(RETURN_0, kind))
attempt("an unknown kind", lambda: load(RETURN_0, 99))
assert load(RETURN_0, KPROBE)
end_with({})
