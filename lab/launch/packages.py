"""pip, run so that it never asks, never compiles, never waits long in silence."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.launch.pip_says import reason

QUIET_S = 10.0
"""How long a person may wonder whether anything still happens."""
ALWAYS = ("--no-input", "--no-color", "--disable-pip-version-check", "--progress-bar=off", "--no-user")
UNLESS_TOLD = {
    # pip's own five take minutes where packets vanish.
    "PIP_RETRIES": "2",
    # To compile would need compilers, and minutes that end in pages of errors.
    "PIP_ONLY_BINARY": ":all:",
}
DOING = (
    (re.compile(r"\s*Downloading (\w+)-\S+ (\(.+\))"), "downloading {} {}"),
    (re.compile(r"Collecting ([\w.-]+)"), "looking for {}"),
    (re.compile(r"Installing collected packages"), "unpacking the packages"),
)


def install(
    python: Path,
    wanted: Sequence[str],
    log: Path,
    tell: Callable[[str], None],
    *,
    wheels: Path | None = None,
) -> str | None:
    """None when everything is installed, else all that pip said, which is then in `log` as well.

    `wheels`: a folder of packages to take instead of those that a network brings.
    """
    log.unlink(missing_ok=True)
    argv = [str(python), "-m", "pip", "install", *ALWAYS, "--log", str(log)]
    if wheels is not None:
        # The user's own settings may name places that only a network reaches.
        argv += ["--isolated", "--no-index", "--find-links", str(wheels)]
    ended, printed = followed([*argv, *wanted], pip_environment(os.environ, bundled=wheels is not None), tell)
    if ended == 0:
        log.unlink(missing_ok=True)
        return None
    with contextlib.suppress(OSError):
        printed = log.read_text(encoding="utf-8", errors="replace") + printed
    return printed


def pip_environment(of_user: Mapping[str, str], *, bundled: bool) -> dict[str, str]:
    """The user's variables, with ours where the user says nothing, and English messages to recognise."""
    environment = {**UNLESS_TOLD, **of_user, "LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    if bundled:
        environment["PIP_CONFIG_FILE"] = os.devnull
    return environment


def followed(
    argv: Sequence[str], environment: Mapping[str, str], tell: Callable[[str], None]
) -> tuple[int, str]:
    """Run pip, tell what it is at when it takes long; its exit code, and what it printed."""
    follower = _Follower(tell)
    with subprocess.Popen(
        argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        reader = threading.Thread(target=follower.read, args=(pip.stdout,), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(QUIET_S)
                if reader.is_alive():
                    tell(f"still {follower.at}")
            ended = pip.wait()
        finally:
            pip.kill()
    return ended, "".join(follower.printed)


@dataclass
class _Follower:
    """Reads along what pip prints."""

    tell: Callable[[str], None]
    at: str = "asking where the packages are"
    printed: list[str] = field(default_factory=list)
    told: str = ""

    def read(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.printed.append(line)
            if "WARNING: Retrying" in line:
                self.tell_once(f"pip cannot reach the Python packages, and tries again ({reason(line)})")
            for pattern, words in DOING:
                if found := pattern.match(line):
                    self.at = words.format(*found.groups())

    def tell_once(self, text: str) -> None:
        if text != self.told:
            self.tell(text)
            self.told = text
