"""Mistakes in what authors write: the file, the line, what is wrong, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.checkout import ROOT
from vocabulary.errors import Unusable


class AuthoringError(Unusable):
    """A source of the site is wrong. The message begins with `file:line:`, the hint is the fix."""


@dataclass(frozen=True)
class Source:
    """A text file of the repository that becomes (part of) a page."""

    path: str
    """Relative to the checkout, with forward slashes."""
    text: str

    @staticmethod
    def read(path: Path, root: Path = ROOT) -> Source:
        """The file as it is now. Raises AuthoringError when it is missing or no UTF-8."""
        name = (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
        try:
            return Source(name, path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise AuthoringError(f"{name}: the file is missing", f"write {name}") from None
        except UnicodeDecodeError as error:
            raise AuthoringError(f"{name}: no UTF-8 text: {error}", "save it as UTF-8") from None

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.rpartition("/")[2]

    def line_of(self, text: str, first: int = 1) -> int:
        """The first line, from line `first` on, that holds this text; `first` when none does."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if number >= first and text in line:
                return number
        return first

    def wrong(self, line: int, what: str, fix: str) -> AuthoringError:
        """An error at this line, counted from 1."""
        return AuthoringError(f"{self.path}:{line}: {what}", fix)
