"""Tells when a folder's files were saved: from the file system's events, or by looking when it gives none."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

PROBE_S = 2.0
LOOK_EVERY_S = 1.0

Contents = dict[str, bytes]


class SavedFiles(FileSystemEventHandler):
    """Wakes whoever waits when the content of one of the files is another than before.

    Editors rename, truncate and touch; only a changed content counts.
    """

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder, names
        self._touched = threading.Event()
        self._known = self.contents()
        self.polls = False
        """True when the file system gives no events, so the files are looked at once a second."""

    def contents(self) -> Contents:
        """What is in the files now; a file an editor is just replacing counts as absent."""
        found = {}
        for name in self._names:
            try:
                found[name] = (self._folder / name).read_bytes()
            except OSError:
                continue
        return found

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog's thread for everything in the folder."""
        if event.event_type not in ("opened", "closed_no_write"):
            self._touched.set()

    def wait_for_change(self, settle_s: float = 0.2) -> list[str]:
        """Block until something was saved; returns the names of the files that changed."""
        while True:
            self._touched.wait(LOOK_EVERY_S if self.polls else 60.0)
            self._touched.clear()
            # Editors save in several steps, and several files at once: take what stands when it is quiet.
            while self._touched.wait(settle_s):
                self._touched.clear()
            now = self.contents()
            changed = sorted(name for name in self._names if now.get(name) != self._known.get(name))
            if changed and len(now) == len(self._names):
                self._known = now
                return changed

    def probe(self, touch: Callable[[], None]) -> bool:
        """Whether a change made by `touch` is noticed within two seconds."""
        self._touched.clear()
        touch()
        noticed = self._touched.wait(PROBE_S)
        self._touched.clear()
        return noticed


@contextmanager
def watching(folder: Path, names: tuple[str, ...]) -> Iterator[SavedFiles]:
    """Watch a folder; finds out by a try whether its file system gives events (some mounts give none)."""
    saved = SavedFiles(folder, names)
    observer = Observer()
    observer.schedule(saved, str(folder))
    try:
        try:
            observer.start()
        except OSError:  # the system's limit of watches is reached
            saved.polls = True
        else:
            saved.polls = not saved.probe(lambda: _touch_once(folder))
        yield saved
    finally:
        if observer.is_alive():
            observer.stop()
            observer.join()


def _touch_once(folder: Path) -> None:
    path = folder / f".lab-watch-{uuid.uuid4().hex[:8]}"
    path.touch()
    path.unlink(missing_ok=True)
