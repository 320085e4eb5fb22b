"""What follows from a run's recordings alone is reckoned once, however many checks ask for it."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from grader.observation import Observation, Recording

MOST_RUNS = 4
"""So many runs' answers are kept: as many as are judged by turns."""

Params = ParamSpec("Params")
Answer = TypeVar("Answer")
_kept: OrderedDict[int, tuple[tuple[Recording, ...], dict[Any, Any]]] = OrderedDict()
"""By the identity of the recordings, which are kept too, so that no others can take their place in memory."""


def once_a_run(
    function: Callable[Concatenate[Observation, Params], Answer],
) -> Callable[Concatenate[Observation, Params], Answer]:
    """For a pure function of the recordings, of READY and of SIGINT: the same question gets the first answer.

    Many tracers share a run's recordings, and many reports are judged by them.
    """

    @functools.wraps(function)
    def answered(seen: Observation, /, *args: Params.args, **kwargs: Params.kwargs) -> Answer:
        question = (function, seen.tracer.ready_ns, seen.tracer.sigint_ns, args, tuple(kwargs.items()))
        answers = _answers(seen.recordings)
        if question not in answers:
            answers[question] = function(seen, *args, **kwargs)
        answer: Answer = answers[question]
        return answer

    return answered


def _answers(recordings: tuple[Recording, ...]) -> dict[Any, Any]:
    number = id(recordings)
    if number not in _kept:
        _kept[number] = (recordings, {})
        while len(_kept) > MOST_RUNS:
            _kept.popitem(last=False)
    _kept.move_to_end(number)
    return _kept[number][1]
