"""Whatever a tracer prints, the verdict is `fail` with a cause: never an error of ours, never a pass."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.observation import Report
from grader.report.parse import parse
from tests.exercises.first_failure import first_failure
from tests.exercises.recorded_runs import SLUGS, failure, recorded

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=6) | st.sampled_from(["readv", "events", "calls", "counts", "tid"])
junk = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b"\x00\xff\x80 random",
        b"{}",
        b"[]",
        b'{"counts": NaN}',
        b'{"counts": {}}',
        b'{"counts": {"readv": -1}}',
        b'{"counts": {"readv": 9223372036854775808}}',
        b'{"counts": [], "events": {}}',
        b'{"counts": {"readv": {"calls": -1, "with_data": 1}}}',
        b'{"schema": 1, "exercise": "04-kprobes", "outcome": "pass", "checks": []}',
    ],
)
def test_junk_fails_with_a_cause(slug: str, printed: bytes) -> None:
    assert first_failure(dataclasses.replace(recorded(slug), report=parse(printed))).cause


@pytest.mark.parametrize("slug", SLUGS)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_values_of_the_right_fields_fail_with_a_cause(slug: str, data: st.DataObject) -> None:
    right = recorded(slug).report
    assert isinstance(right, Report)
    document = data.draw(st.fixed_dictionaries(dict.fromkeys(right.document, junk)))
    assert failure(slug, document).cause
