"""The Python environment of one checkout, in the user's cache. Nothing is ever written into the checkout."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.launch.places import cache_folder, look_at_disk, make_cache_folder
from lab.launch.pythons import this
from lab.launch.trouble import CannotStart, say


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the packages that the checkout names, and the checkout on its path."""

    checkout: Path
    folder: Path
    for_developing: bool = False

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """There when everything is."""
        return self.folder / ("ready-dev" if self.for_developing else "ready")

    @property
    def is_ready(self) -> bool:
        """Whether it can be used at once; the Python that it was made from may have been removed."""
        return self.stamp.exists() and self.python.exists()

    @property
    def log(self) -> Path:
        """What pip wrote, kept only when it failed."""
        return self.folder.with_suffix(".log")

    @property
    def python_instead(self) -> Path:
        """A file with the path of an older Python, where this one's packages cannot be had."""
        return self.folder.with_suffix(".python")

    def requirements(self) -> list[str]:
        """What must be in it."""
        return requirements(self.checkout, *(["dev"] if self.for_developing else []))


def requirements(checkout: Path, *extras: str) -> list[str]:
    """What pyproject.toml names, as pip takes it; the checkout itself is only put on the path."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [*project["dependencies"], *optional]


def environment_of(checkout: Path, *, for_developing: bool = False) -> Environment:
    """One for each checkout and each list of dependencies, so switching branches is safe."""
    key = hashlib.sha256()
    key.update(os.fsencode(checkout))
    key.update((checkout / "pyproject.toml").read_bytes())
    key.update(f"{this()} {sys.base_prefix}".encode(errors="surrogateescape"))
    folder = cache_folder() / "python" / key.hexdigest()[:16]
    return Environment(checkout, folder, for_developing)


@contextlib.contextmanager
def locked(environment: Environment) -> Iterator[None]:
    """Only one process makes it at a time."""
    make_cache_folder(environment.folder.parent)
    with environment.folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another terminal is setting up the Python environment, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def create(environment: Environment, *, may_download: bool = True) -> None:
    """Make the environment without packages. What an interrupted run left is thrown away."""
    folder = environment.folder
    if (folder / "ready").exists() and environment.python.exists():
        return
    need_venv_module(may_download)
    shutil.rmtree(folder, ignore_errors=True)
    # Its own talk is only of use when it fails; on Ctrl-C it would be a traceback.
    making = [sys.executable, "-m", "venv", str(folder)]
    done = subprocess.run(making, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        raise CannotStart(
            f"python could not make a virtual environment in {folder}",
            look_at_disk(folder, Path(tempfile.gettempdir())),
        )
    put_on_path(environment)
    (folder / "made").touch()


def put_on_path(environment: Environment) -> None:
    """Let the environment import the checkout, which stays as it is."""
    base = {"base": str(environment.folder), "platbase": str(environment.folder)}
    file = Path(sysconfig.get_path("purelib", "venv", base)) / "ebpf_lab_checkout.pth"
    # A bare path there would be read in the locale's encoding, which may change.
    line = f"import os, sys; sys.path.append(os.fsdecode({os.fsencode(environment.checkout)!r}))\n"
    file.write_text(line, encoding="ascii")


def need_venv_module(may_download: bool) -> None:
    """Debian ships venv without ensurepip; its package brings it."""
    try:
        import ensurepip  # noqa: F401

        return
    except ImportError:
        pass
    package = f"python{this()}-venv"
    apt = shutil.which("apt-get")
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    if not may_download or not apt or (as_root and not shutil.which("sudo")):
        raise CannotStart("python's venv module is missing", " ".join(["sudo", *command]))
    say(f"installing {package} with apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-q"], command):
        done = subprocess.run(as_root + step, stdout=sys.stderr, env=quiet, check=False)
    if done.returncode != 0:
        raise CannotStart(f"{package} could not be installed", " ".join([*as_root, *command]))
