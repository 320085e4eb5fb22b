# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Asks the daemons of the host that obey user 0: the recorder, Docker, systemd."""

import socket

from attempts import attempt, end_with

SOCKETS = (
    "/run/lab/recorder.sock",
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/systemd/private",
    "/run/systemd/notify",
    "/run/dbus/system_bus_socket",
    "/dev/log",
    "\0/run/lab/recorder.sock",
)
for path in SOCKETS:
    attempt(repr(path), lambda: socket.socket(socket.AF_UNIX).connect(path))
end_with({})
