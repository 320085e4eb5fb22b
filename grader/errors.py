"""What a person can cause: every such error is a message and a hint.

LabError                   anything a person can cause and mend
+-- ExerciseError          an exercise that does not exist, or whose folder is not right
+-- ObservationFileError   a saved observation that cannot be read
+-- RecorderDidNotStart    the recorder on the lab host, in its own words
"""

from __future__ import annotations


class LabError(Exception):
    """A message in plain English and, as hint, the command that helps."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ExerciseError(LabError):
    """An exercise that does not exist, or a folder that is no right exercise."""


class ObservationFileError(LabError):
    """A saved observation that cannot be read."""


class RecorderDidNotStart(LabError):
    """The recorder on the lab host cannot work there, or got stuck while it started."""

    exit_code = 69
