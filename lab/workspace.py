"""The attendee's folder: copies of starters, progress, verdicts, observations and backups."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from lab.atomic_file import write_atomically
from lab.checkout import EXERCISES
from lab.known_workspaces import started_elsewhere
from lab.progress import Progress, load_progress, save_progress
from vocabulary.errors import Unusable

OBSERVATIONS = "observations"


@dataclass(frozen=True)
class Workspace:
    """One workspace folder. Nothing is read or written before a method is called."""

    root: Path
    exercises: Path = EXERCISES

    @property
    def hidden(self) -> Path:
        """Where everything lies that is not the attendee's own work."""
        return self.root / ".lab"

    @property
    def progress_file(self) -> Path:
        """What was done so far; where this lies is a workspace."""
        return self.hidden / "progress.json"

    def exists(self) -> bool:
        """Whether an exercise was ever started here."""
        return self.progress_file.is_file()

    def folder(self, slug: str) -> Path:
        """The attendee's folder for one exercise."""
        return self.root / slug

    def started_folder(self, slug: str) -> Path:
        """The same, when it is there. Raises Unusable otherwise."""
        folder = self.folder(slug)
        if not folder.is_dir():
            raise not_started(slug, self.root)
        return folder

    def require_started(self, slug: str) -> None:
        """Raises Unusable for an exercise that was never started here; its folder may be gone by now."""
        if not self.progress().of(slug).started:
            self.started_folder(slug)

    def progress(self) -> Progress:
        """What was done so far."""
        return load_progress(self.progress_file)

    def update(self, change: Callable[[Progress], Progress]) -> Progress:
        """Read, change and write the progress under a lock, so that two terminals lose nothing."""
        with self._locked():
            changed = change(self.progress())
            save_progress(self.progress_file, changed)
        return changed

    def start(self, slug: str, files: tuple[str, ...]) -> list[str]:
        """Copy the starter's files that are not there yet; returns their names. Never overwrites."""
        folder = self.folder(slug)
        folder.mkdir(parents=True, exist_ok=True)
        copied = []
        for name in files:
            if not (folder / name).exists():
                write_atomically(folder / name, (self.exercises / slug / name).read_bytes())
                copied.append(name)
        if not self.progress().of(slug).started:
            self.remember_origin(slug, (*files, *self.deciding_files(slug, files)))
            now = time.strftime("%Y-%m-%dT%H:%M:%S")
            self.update(lambda old: old.having(slug, started=now))
        elif copied:
            self.remember_origin(slug, tuple(copied))
        return copied

    def deciding_files(self, slug: str, starter: tuple[str, ...]) -> tuple[str, ...]:
        """What decides the exercise's verdict: its Python files and its sentences, but for the starter's.

        The attendee gets no copy of them in the own folder, and is told when they changed.
        """
        folder = self.exercises / slug
        found = [*folder.glob("*.py"), *folder.glob("mistakes/*.py"), *folder.glob("sentences.toml")]
        names = (path.relative_to(folder).as_posix() for path in sorted(found))
        return tuple(name for name in names if name not in starter)

    def remember_origin(self, slug: str, names: tuple[str, ...]) -> None:
        """Note what these files of the exercise look like now, and keep them, to tell later what changed."""
        source, kept = self.exercises / slug, self.origin_folder(slug)
        for name in names:
            if (source / name).exists():
                write_atomically(kept / name, (source / name).read_bytes())
        before = self.progress().of(slug)
        others = {name: digest for name, digest in before.origin.items() if name not in names}
        origin = others | digests(source, names)
        self.update(lambda old: old.having(slug, origin=origin))

    def origin_folder(self, slug: str) -> Path:
        """Where the exercise's files are kept as they were when the attendee got them."""
        return self.hidden / "starters" / slug

    def changed_since_start(self, slug: str) -> list[str]:
        """Names of the exercise's own files that differ from what they were when the attendee got them."""
        origin = self.progress().of(slug).origin
        now = digests(self.exercises / slug, tuple(origin))
        return sorted(name for name in origin if now.get(name) != origin[name])

    def back_up(self, slug: str, names: tuple[str, ...] | None = None) -> Path | None:
        """Copy the attendee's files (all, or these) to a backup folder of their own and say where."""
        folder = self.folder(slug)
        present = [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []
        chosen = [path for path in present if names is None or path.name in names]
        if not chosen:
            return None
        backup = _fresh_folder(self.hidden / "backups" / slug)
        for path in chosen:
            kept = backup / path.relative_to(folder)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, kept)
        return backup

    def reset(self, slug: str, names: tuple[str, ...], files: tuple[str, ...]) -> Path | None:
        """Put starter files back (a backup first); returns the backup's folder, None without one."""
        backup = self.back_up(slug, names)
        folder = self.folder(slug)
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            write_atomically(folder / name, (self.exercises / slug / name).read_bytes())
        # The other files stay as old as they are.
        whole = set(names) == set(files)
        self.remember_origin(slug, (*names, *self.deciding_files(slug, files)) if whole else names)
        return backup

    def observation_path(self, slug: str, name: str) -> Path:
        """Where the observation of this file name lies; wherever the workspace was when it was saved."""
        return self.hidden / OBSERVATIONS / slug / name

    def result_path(self, kind: str, slug: str, suffix: str) -> Path:
        """A fresh path below the workspace for a verdict, an observation or a page."""
        folder = self.hidden / kind / slug
        folder.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for count in range(1000):
            path = folder / (stamp + (f"-{count}" if count else "") + suffix)
            if not path.exists():
                return path
        raise Unusable(f"too many results in {folder}", f"rm -r {folder}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.hidden.mkdir(parents=True, exist_ok=True)
        with FileLock(self.hidden / "lock"):
            yield


def not_started(slug: str, root: Path) -> Unusable:
    """What is said of an exercise that is not started in this workspace, and where it was."""
    number, there = int(slug.partition("-")[0]), started_elsewhere(slug, root)
    said = f"exercise {number} is not started in {root}"
    if there is None:
        return Unusable(said, f"lab start {number}")
    hint = f"cd {shlex.quote(str(there))}   # or begin anew here: lab start {number}"
    return Unusable(f"{said}; you started it in {there}", hint)


def digests(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Name -> SHA-256 of those of an exercise's files that are there."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in names
        if (folder / name).exists()
    }


def _fresh_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for count in range(1000):
        folder = parent / (stamp + (f"-{count}" if count else ""))
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    raise Unusable(f"too many backups in {parent}", f"rm -r {parent}")
