"""What the grader keeps on a lab host: its programs in /opt/lab, and the recorder running."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from grader.errors import RecorderDidNotStart
from grader.host import Host, HostToPrepare
from grader.onhost.contract.services import RECORDER_UNIT

ONHOST = Path(__file__).parent.parent / "onhost"
PACKAGE_FOLDER = "/opt/lab/onhost"
PYTHON_FOLDER = "/opt/lab/python"
UNIT_FOLDER = "/etc/systemd/system"
DIGEST_PATH = "/opt/lab/digest"
ROOMS_ELSEWHERE = {"in_jail": PYTHON_FOLDER, "units": UNIT_FOLDER}
"""Rooms of `grader/onhost/` that lie in a folder of their own on the host; the others are its package."""

# What they were before is noted once, and outlasts newer versions of the lab.
SETTINGS = """before=/opt/lab/kernel_settings_before
test -e $before || {
    sysctl -e kernel.bpf_stats_enabled kernel.perf_event_paranoid fs.leases-enable > $before.part
    mv $before.part $before
}
cat > /etc/sysctl.d/60-lab.conf <<'END'
kernel.bpf_stats_enabled=1
kernel.perf_event_paranoid=2
# A lease on a file makes everybody else wait who opens it, and uid 0 may take one on any program.
fs.leases-enable=0
END
sysctl -q -p /etc/sysctl.d/60-lab.conf
"""
SETTINGS_BACK = """rm -f /etc/sysctl.d/60-lab.conf
test -e /opt/lab/kernel_settings_before && sysctl -q -e -p /opt/lab/kernel_settings_before
"""
# Each line may run again on a host where it has run before.
SET_UP = f"""set -eu
id lab-recorder >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin lab-recorder
chown -R root:root /opt/lab
chmod -R u=rwX,go=rX /opt/lab
python3 -m compileall -q /opt/lab/onhost /opt/lab/python
{SETTINGS}systemctl daemon-reload
systemctl stop lab-recorder.service lab-recorder.socket
systemctl enable -q --now lab-recorder.socket
"""
# Prints why there is no recorder. systemd ends a start that gets stuck; one that gets on may take its time.
START = """systemctl is-active -q lab-recorder.service && exit
systemctl reset-failed lab-recorder.service 2>/dev/null
systemctl start lab-recorder.service 2>/dev/null && exit
PYTHONPATH=/opt/lab python3 -P -m onhost.recorder.service
systemctl reset-failed lab-recorder.service
"""
STOP = f"""systemctl stop 'lab-tracer-*.service'
rm -rf /run/lab/spares /run/lab/jails
systemctl disable -q --now lab-recorder.socket lab-recorder.service
rm -f /etc/systemd/system/lab-recorder.*
systemctl daemon-reload
{SETTINGS_BACK}rm -rf /opt/lab /var/cache/lab-recorder
"""


def install(host: HostToPrepare) -> bool:
    """Put our programs on the host and have the recorder running; False when all that was there already.

    Idempotent: what is there is recognised by the digest of its files, in a moment. The first time the
    recorder compiles its programs, minutes when emulated. Raises the host's own error when a step fails or
    has stopped working, RecorderDidNotStart with the recorder's own words.
    """
    folders = _folders()
    wanted = _digest(folders)
    found = host.run(
        ["sh", "-c", f"cat {DIGEST_PATH} && echo && systemctl is-active {RECORDER_UNIT}"], check=False
    )
    there, *state = found.stdout.split() or [""]
    if there == wanted:
        if state != ["active"]:
            _start_recorder(host)
        return False
    host.run(["rm", "-rf", PACKAGE_FOLDER, PYTHON_FOLDER, DIGEST_PATH])
    for folder, files in folders.items():
        host.write_files(folder, files)
    host.work(["sh", "-c", SET_UP])
    _start_recorder(host)
    # Last, so that an interrupted installation is done again.
    host.write_files(str(Path(DIGEST_PATH).parent), {Path(DIGEST_PATH).name: wanted.encode()})
    return True


def digest() -> str:
    """Hexadecimal digest of everything `install` puts on a host."""
    return _digest(_folders())


def uninstall(host: Host) -> None:
    """Take all of it away again; harmless when nothing is there."""
    host.run(["sh", "-c", STOP], check=False)


def _start_recorder(host: HostToPrepare) -> None:
    why = host.work(["sh", "-c", START], [RECORDER_UNIT]).stdout.strip()
    if why:
        raise RecorderDidNotStart(why, "lab shell   # then: journalctl -u lab-recorder -n 50")


def _folders() -> dict[str, dict[str, bytes]]:
    folders: dict[str, dict[str, bytes]] = {PACKAGE_FOLDER: {}}
    for path in sorted(ONHOST.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            room = path.relative_to(ONHOST).parts[0]
            folder = ROOMS_ELSEWHERE.get(room)
            name = path.relative_to(ONHOST / room if folder else ONHOST).as_posix()
            folders.setdefault(folder or PACKAGE_FOLDER, {})[name] = path.read_bytes()
    return folders


def _digest(folders: Mapping[str, Mapping[str, bytes]]) -> str:
    digest = hashlib.sha256((SET_UP + START).encode())
    for folder, files in sorted(folders.items()):
        for name, content in sorted(files.items()):
            digest.update(f"\0{folder}/{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
