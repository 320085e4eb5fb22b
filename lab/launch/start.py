"""From a checkout to `python -m lab`, a straight line."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import streams
from lab.bundle.archive import WHEELS, open_bundle, split_words
from lab.bundle.version import require_fit
from lab.launch import pythons
from lab.launch.environment import Environment, create, environment_of, locked
from lab.launch.packages import install
from lab.launch.pip_says import Failed, NoPackage, explain
from lab.launch.places import cache_folder, cannot_write, need_folders, need_room
from lab.launch.trouble import CannotStart, Interrupted, again, say
from vocabulary.errors import LabError

CHECKOUT = pythons.LAUNCHER.parent.parent
NEEDED_BYTES, NEEDED_FOR_DEVELOPING_BYTES = 200 << 20, 500 << 20


def main(words: Sequence[str]) -> None:
    """Become `python -m lab`, in an environment that is made when it is missing."""
    streams.make_lasting()
    try:
        start(words)
    except KeyboardInterrupt:
        end(Interrupted("interrupted; the same command goes on with it", again(words)))
    except LabError as error:
        end(error)
    except OSError as error:
        end(explained(error))


def explained(error: OSError) -> CannotStart:
    """What an error of the system means, by where it happened."""
    cache = cache_folder()
    if not error.filename or cache in Path(os.fsdecode(error.filename)).parents:
        return cannot_write(error, cache)
    name = os.fsdecode(error.filename)
    return CannotStart(f"{name} cannot be used: {error.strerror}", shlex.join(["ls", "-ld", name]))


def end(error: LabError) -> None:
    """Say it, and end with its exit code."""
    sys.stderr.write(f"lab: {error.message}\nhint: {error.hint}\n")
    sys.stderr.flush()
    raise SystemExit(error.exit_code)


def start(words: Sequence[str]) -> None:
    """Raises LabError or OSError, and does not return otherwise."""
    need_folders()
    rest, bundle = bundle_of(words)
    for_developing = [word for word in rest if not word.startswith("-")][:1] == ["dev"]
    if for_developing and bundle:
        raise CannotStart(
            "a bundle brings what attendees need, not what `lab dev` needs",
            shlex.join(["env", "-u", "LAB_BUNDLE", "bin/lab", *rest]),
        )
    environment = environment_of(CHECKOUT, for_developing=for_developing)
    if not environment.is_ready:
        use_python_that_fits(environment, bundle)
        make(environment, rest, bundle)
    hand_over(environment, rest, bundle)


def bundle_of(words: Sequence[str]) -> tuple[list[str], Path | None]:
    """What is left of the words, and the bundle they or LAB_BUNDLE name (None without one), seen to fit."""
    rest, file = split_words(words, os.environ)
    if not file:
        return rest, None
    bundle = Path(file).expanduser().absolute()
    with open_bundle(bundle) as opened:
        require_fit(opened, CHECKOUT)
    return rest, bundle


def use_python_that_fits(environment: Environment, bundle: Path | None) -> None:
    """Run again under another Python when it is known that this one cannot have the packages."""
    if bundle is None:
        if environment.python_instead.exists():
            instead = environment.python_instead.read_text(encoding="utf-8")
            if pythons.runs(instead):
                pythons.run_again_under(instead)
        return
    with open_bundle(bundle) as opened:
        versions = opened.about.pythons
    if pythons.this() in versions:
        return
    for version in reversed(versions):
        other = shutil.which(f"python{version}")
        if other and pythons.runs(other):
            pythons.run_again_under(other)
    raise CannotStart(
        f"{bundle} has packages for Python {', '.join(versions)}, this is {pythons.this()}",
        f"sudo apt-get install python{versions[-1]} python{versions[-1]}-venv",
    )


def make(environment: Environment, words: Sequence[str], bundle: Path | None) -> None:
    """Make what is missing of the environment."""
    what = " for developing" if environment.for_developing else " from the bundle" if bundle else ""
    with locked(environment):
        if environment.is_ready:
            return
        say(f"setting up its Python environment{what}, once; a minute or two")
        needed = NEEDED_FOR_DEVELOPING_BYTES if environment.for_developing else NEEDED_BYTES
        need_room(environment.folder.parent, needed)
        create(environment, may_download=not bundle)
        try:
            fill(environment, words, bundle)
        except NoPackage as error:
            if bundle:
                raise
            use_older_python(environment, error)
        for stamp in {environment.folder / "ready", environment.stamp}:
            stamp.touch()


def fill(environment: Environment, words: Sequence[str], bundle: Path | None) -> None:
    """Install the packages, those of the bundle where there is one. Raises CannotStart."""
    wheels = environment.folder.with_suffix(".wheels") if bundle else None
    try:
        if bundle and wheels:
            take_out_wheels(bundle, wheels)
        said = install(environment.python, environment.requirements(), environment.log, say, wheels=wheels)
    finally:
        if wheels:
            shutil.rmtree(wheels, ignore_errors=True)
    if said is not None:
        raise explain(
            Failed(said, words, os.environ, environment.log, environment.for_developing, bundle is not None)
        )


def take_out_wheels(bundle: Path, folder: Path) -> None:
    """Verified copies of the bundle's Python packages."""
    with open_bundle(bundle) as opened:
        for member in opened.named(WHEELS):
            opened.take_out(member, folder / member.name[len(WHEELS) :])


def use_older_python(environment: Environment, lacking: NoPackage) -> None:
    """Go on under another Python, from now on at once; raise what is lacking where there is none."""
    for other in pythons.older():
        say(f"{lacking.message}; going on with {other}")
        shutil.rmtree(environment.folder, ignore_errors=True)
        environment.log.unlink(missing_ok=True)
        environment.python_instead.write_text(other, encoding="utf-8")
        pythons.run_again_under(other)
    raise lacking


def hand_over(environment: Environment, words: Sequence[str], bundle: Path | None) -> None:
    """Become the command itself."""
    variables = {name: value for name, value in os.environ.items() if name != "LAB_BUNDLE"}
    if bundle:
        variables["LAB_BUNDLE"] = str(bundle)
    python = str(environment.python)
    # -P: a folder called `vm` or `lab` in the current folder must not be taken for ours.
    os.execve(python, [python, "-P", "-m", "lab", *words], variables)
