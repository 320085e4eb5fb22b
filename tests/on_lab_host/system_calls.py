"""System calls that Python does not offer, for scripts that run as tracers."""

SYSTEM_CALLS = """
NUMBERS = {
    "x86_64": dict(ptrace=101, setns=308, unshare=272, mount=165, process_vm_writev=311, kexec_load=246,
                   reboot=169, open_by_handle_at=304),
    "aarch64": dict(ptrace=117, setns=268, unshare=97, mount=40, process_vm_writev=271, kexec_load=104,
                    reboot=142, open_by_handle_at=265),
}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)

def call(name, *words):
    if libc.syscall(NUMBERS[name], *words) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""
"""For `set_up`: `call(NAME, ...)` makes a system call, past what Python offers."""
