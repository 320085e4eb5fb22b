"""How a jail waits for an attempt: its process 1 waits here, and what that forks becomes the tracer.

Python imports a module of this name at its start, before it looks at tracer.py. So what goes on after that
is `python3 -u tracer.py` itself, with nothing of ours on its stack. Process 1 stays: it says how the tracer
ended, keeps the jail until the session has seen all it wants, and ends it when the session is gone.

A tracer finds no module loaded because of the wait. On SIGUSR1 it says where it is, as all Python there.
"""

import faulthandler
import os
import signal
import sys

DOOR = "LAB_DOOR"
"""The number of a listening SOCK_SEQPACKET socket. Set for process 1 of a jail, and for nobody in it."""
AHEAD = "LAB_IMPORT_AHEAD"
"""Modules to import while nobody is there, with spaces between."""
RUNNING = b"running"

MESSAGE_LIMIT_BYTES = 64 * 1024
REAP_EVERY_MS = 1000
TRACER_OOM_SCORE = b"600"
"""Above the jail's own: when memory runs out, process 1 must not be the one to go."""


def become_tracer() -> None:
    """Return in the process that is to run tracer.py, when an attempt is there; never in process 1."""
    door, ahead = int(os.environ.pop(DOOR)), os.environ.pop(AHEAD, "").split()
    loaded = _imported(ahead)
    link, skip, environment, streams = _attempt(door)
    # A process 1 gets from inside its jail only those signals that it handles.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # BCC names a return probe with maxactive after the function and its own process number.
    for _ in range(skip):
        unused = os.fork()
        if not unused:
            os._exit(0)
        os.waitpid(unused, 0)
    tracer = os.fork()
    if tracer:
        _stay(link, tracer, streams)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    os.environb.update(environment)
    score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(score, TRACER_OOM_SCORE)
    os.close(score)
    # The kernel says whose message this is: so the session knows the tracer by its number on the host.
    os.write(link, RUNNING)
    os.close(link)
    if loaded & {name.partition(".")[0] for name in os.listdir()}:  # noqa: PTH208
        # The attempt brings modules of these names, and gets them.
        os.execvp(sys.orig_argv[0], sys.orig_argv)


def _imported(names: list[str]) -> set[str]:
    """Import these; the names of all packages that came with them."""
    before = set(sys.modules)
    for name in names:
        try:  # noqa: SIM105
            __import__(name)
        except ImportError:
            pass  # the attempt's own import says it better
    return {name.partition(".")[0] for name in set(sys.modules) - before}


def _attempt(door: int) -> tuple[int, int, list[tuple[bytes, bytes]], list[int]]:
    """Wait for it: the link to the session, process numbers to skip, environment, standard output and error.

    The session's one message is the number and the variables, a zero byte between them.
    """
    had = "_socket" in sys.modules
    import _socket

    listening = _socket.socket(fileno=door)
    link, _ = listening._accept()  # type: ignore[attr-defined]
    listening.close()
    opened = _socket.socket(fileno=link)
    message, ((_, _, raw),), _, _ = opened.recvmsg(MESSAGE_LIMIT_BYTES, _socket.CMSG_SPACE(8))
    opened.detach()
    if not had:
        del sys.modules["_socket"]
    skip, *variables = message.split(b"\0")
    environment = [(name, value) for name, _, value in (one.partition(b"=") for one in variables)]
    streams = [int.from_bytes(raw[start : start + 4], sys.byteorder) for start in (0, 4)]
    return link, int(skip), environment, streams


def _stay(link: int, tracer: int, streams: list[int]) -> None:
    """The rest of process 1's life: tell the tracer's exit code, then wait until the session lets go."""
    import select

    for number in streams:
        os.close(number)
    poll = select.poll()
    for number in (link, os.pidfd_open(tracer)):
        poll.register(number, select.POLLIN)
    status = None
    while status is None:
        let_go = link in [number for number, _ in poll.poll(REAP_EVERY_MS)]
        for pid, how in iter(_ended, None):
            status = how if pid == tracer else status
        if let_go and status is None:
            os._exit(0)
    code = os.waitstatus_to_exitcode(status)
    os.write(link, str(code if code >= 0 else 128 - code).encode())
    os.read(link, 1)
    os._exit(0)


def _ended() -> tuple[int, int] | None:
    """One more process that has ended; whoever lost its parent is a child of process 1."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


faulthandler.register(signal.SIGUSR1, all_threads=False)
if DOOR in os.environ:
    try:
        become_tracer()
    except BaseException:
        # Python would go on without us: it would run tracer.py as process 1.
        sys.excepthook(*sys.exc_info())
        os._exit(1)
