"""The calls that the lab makes on every kind of descriptor end as their names say, each time."""

from __future__ import annotations

import errno
import gc
from collections.abc import Callable

import pytest

from grader.onhost.driver import calls_on_kinds

NO_DATA = {errno.EAGAIN}
OTHER_ERRORS = {errno.EBADF, errno.EINVAL, errno.ENOTCONN}
OFTEN = 120
"""More than any plan asks for."""


# The process that makes them ends with them; here it does not.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_name_says_how_its_call_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[int] = []
    errors: set[int] = set()

    def refused(call: Callable[[], object]) -> None:
        with pytest.raises(OSError) as caught:
            call()
        met.append(caught.value.errno or 0)

    monkeypatch.setattr(calls_on_kinds, "refused", refused)
    for name, make in calls_on_kinds.makers().items():
        errors.update(met)
        met.clear()
        for _ in range(OFTEN):
            make()
        allowed = (
            NO_DATA if name.endswith("_failing") else OTHER_ERRORS if name.endswith("_refused") else set()
        )
        assert set(met) <= allowed and len(met) == (OFTEN if allowed else 0), name
    del make
    gc.collect()  # or the warnings come in another test
    assert errors >= NO_DATA | OTHER_ERRORS
