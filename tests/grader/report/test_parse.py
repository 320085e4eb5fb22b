"""What a tracer printed, taken strictly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.observation import BadReport, Report
from grader.report.parse import LIMIT_BYTES, parse


def document(after: bytes, before: bytes = b"") -> object:
    report = parse(after, before)
    assert isinstance(report, Report), report
    return report.document


def reason(after: bytes, before: bytes = b"") -> str:
    report = parse(after, before)
    assert isinstance(report, BadReport), report
    return report.reason


def test_the_last_document_after_sigint_is_the_report() -> None:
    assert document(b'{"n": 2}\n{"n": 3}\nbye\n', b'READY\n{"n": 1}\n') == {"n": 3}


def test_without_one_after_sigint_the_last_before_is_taken() -> None:
    assert document(b"bye\n", b'READY\n{"n": 1}\n{"n": 2}\n') == {"n": 2}


def test_documents_on_both_sides_are_counted() -> None:
    report = parse(b'{"n": 3}\n', b'{"n": 1}\n{"n": 2}\n')
    assert isinstance(report, Report)
    assert report.documents_seen == 3


def test_talk_around_the_document_means_nothing() -> None:
    assert document(b"[1, 2]\nNaN\n3\n{'python': 'dict'}\n  {\"n\": 1}  \r\n{oops\n\xff\xfe\n") == {"n": 1}


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (b"", "none"),
        (b"READY\nall done\n", "none"),
        (b"{'n': 1}\n", "not_json"),
        (b'{"n": 1\n', "not_json"),
        (b'{"n": 1} {"n": 2}\n', "not_json"),
        (b"[1, 2, 3]\n", "not_an_object"),
        (b'{"n": NaN}\n', "not_finite"),
        (b'{"n": -Infinity}\n', "not_finite"),
        (b'{"n": 1e999}\n', "not_finite"),
        (b'{"n": "\xff"}\n', "not_utf8"),
        (b"\xff\xfe\xfd\n", "not_utf8"),
        (b'{"n": 1, "n": 1}\n', "duplicate_key"),
        (b'{"deep": {"n": 1, "n": 2}}\n', "duplicate_key"),
        (b'{"n": 18446744073709551616}\n', "number_too_large"),
        (b'{"n": ' + b"9" * 5000 + b"}\n", "number_too_large"),
        (b'{"n":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
        (b'{"n": "' + b"x" * LIMIT_BYTES + b'"}\n', "too_large"),
    ],
)
def test_what_is_no_report_is_refused_with_its_reason(printed: bytes, expected: str) -> None:
    assert reason(printed) == expected


def test_a_bad_document_is_not_replaced_by_an_older_good_one() -> None:
    assert reason(b'{"n": 1}\n{"n": NaN}\n', b'{"n": 1}\n') == "not_finite"


def test_a_broken_report_after_sigint_does_not_fall_back_to_one_before() -> None:
    assert reason(b'{"events": [1, 2\n', b'{"events": []}\n') == "not_json"


def test_the_largest_kernel_counter_is_taken() -> None:
    assert document(b'{"n": 18446744073709551615}') == {"n": 2**64 - 1}


def test_the_excerpt_holds_no_control_characters() -> None:
    report = parse(b"{\x1b[2J\x07'\n")
    assert isinstance(report, BadReport)
    assert report.excerpt.isprintable()


@given(st.binary(max_size=300))
def test_random_bytes_never_raise(printed: bytes) -> None:
    assert isinstance(parse(printed, printed), (Report, BadReport))


@given(
    st.dictionaries(st.text(max_size=5), st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5), max_size=4)
)
def test_every_plain_document_comes_back_as_it_is(content: dict[str, object]) -> None:
    assert document(json.dumps(content).encode() + b"\n") == content
