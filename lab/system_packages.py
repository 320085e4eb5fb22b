"""Programs of the system's package manager that the embedded host needs on the lab side."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from lab.terminal import say
from vm.programs import PACKAGE_OF, install_command, search_path
from vocabulary.errors import Unavailable

ALWAYS = ("qemu-system-x86_64", "qemu-img")
BUILDING = ("mmdebstrap", "mke2fs", "newuidmap", "xz", "zstd")


def need_for_bundle() -> None:
    """Raise Unavailable that names what a bundle cannot bring; there is no network to install it from."""
    missing = [name for name in (*ALWAYS, "zstd") if shutil.which(name, path=search_path()) is None]
    if not missing:
        return
    raise Unavailable(
        f"this machine lacks {', '.join(missing)}, which no bundle can bring: only the system's packages can",
        install_command(missing),
    )


def missing_programs(*, ready_made_image: bool = False) -> list[str]:
    """Programs that are not installed; a ready-made image spares the ones that build one."""
    unneeded = {"newuidmap"} if os.geteuid() == 0 else set()
    wanted = ALWAYS if ready_made_image else {*ALWAYS, *BUILDING} - unneeded
    return [program for program in sorted(wanted) if shutil.which(program, path=search_path()) is None]


def need_programs(*, ready_made_image: bool = False) -> None:
    """Install what is missing with apt when we may; otherwise raise Unavailable with the exact command."""
    missing = missing_programs(ready_made_image=ready_made_image)
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"the lab host needs {', '.join(missing)}", install_command(missing))
    install_packages([PACKAGE_OF.get(program, program) for program in missing], "the lab host")


def need_browser() -> None:
    """Debian's Chromium, which the site's tests look at the pages with."""
    if not shutil.which("chromium"):
        if not shutil.which("apt-get"):
            raise Unavailable(
                "the site's tests need Chromium, found as `chromium`", "lab dev test --no-browser"
            )
        install_packages(["chromium"], "the tests of the site")


def install_packages(packages: Sequence[str], who: str) -> None:
    """Install Debian packages when we may; otherwise raise Unavailable with the exact command."""
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    shown = " ".join([*as_root, *install])
    if as_root and not _may_use_sudo():
        raise Unavailable(f"{who} needs {', '.join(packages)}, and installing needs root", shown)
    say(f"installing {', '.join(packages)} with apt-get (once)")
    _run([*as_root, "apt-get", "update", "-q"])
    if not _run([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", *install]):
        raise Unavailable(f"apt-get could not install {', '.join(packages)}; its reason stands above", shown)


def _may_use_sudo() -> bool:
    """With a terminal sudo can ask; without one it must work unasked."""
    if not shutil.which("sudo"):
        return False
    if sys.stdin.isatty():
        return True
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _run(command: list[str]) -> bool:
    # Standard output belongs to the answer, so apt talks on standard error.
    return subprocess.run(command, stdin=None, stdout=sys.stderr, check=False).returncode == 0
