"""What the grader says of files that a person may have changed, and of its own parts on a lab host."""

from __future__ import annotations

from vocabulary.errors import Unavailable, Unusable


class ExerciseError(Unusable):
    """An exercise that does not exist, or a folder that is no right exercise."""


class ObservationFileError(Unusable):
    """A saved observation that cannot be read."""


class RecorderDidNotStart(Unavailable):
    """The recorder on the lab host cannot work there, or got stuck while it started."""
