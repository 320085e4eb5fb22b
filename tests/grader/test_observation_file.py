"""A saved observation comes back exactly, or is refused with a reason."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ObservationFileError
from grader.observation import (
    BadReport,
    KernelFacts,
    MapFacts,
    Observation,
    RecordedCall,
    RecordedTask,
    Recording,
    Report,
)
from grader.target import Target
from grader.traffic import LedgerEntry
from grader.trouble import Kind, Trouble
from grader.written.observation_file import dumps, load, loads, save
from vocabulary.host_facts import HostFacts

from .runs import right_run, tracer_run

numbers = st.integers(-(2**63), 2**64)
text = st.text(max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
documents = st.dictionaries(text, plain, max_size=3)
plain_call = (text, numbers, numbers, numbers, numbers, numbers, numbers, text, st.booleans())
recorded = st.builds(RecordedCall, *plain_call) | st.builds(RecordedCall, *plain_call, text, numbers)
recordings = st.builds(
    Recording,
    text,
    st.lists(recorded, max_size=5).map(tuple),
    st.lists(st.builds(RecordedTask, text, numbers, numbers, text), max_size=2).map(tuple),
    numbers,
)
entries = st.builds(LedgerEntry, text, text, st.booleans(), numbers, numbers, documents)
maps = st.builds(MapFacts, numbers, text, text, numbers, st.none() | numbers)
observations = st.builds(
    Observation,
    text,
    numbers,
    text,
    st.builds(HostFacts, text, text, text, numbers),
    st.none()
    | st.builds(
        Target, text, text, numbers, text, numbers, numbers, st.lists(numbers, max_size=3).map(tuple), text,
        st.dictionaries(text, numbers, max_size=2),
    ),
    st.booleans(),
    st.lists(entries, max_size=2).map(tuple),
    st.lists(recordings, max_size=2).map(tuple),
    st.just(tracer_run()),
    st.builds(Report, documents, numbers, numbers) | st.builds(BadReport, text, text),
    st.builds(KernelFacts, maps=st.lists(maps, max_size=2).map(tuple)),
    st.dictionaries(text, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
    st.dictionaries(text, text, max_size=2),
    st.lists(st.builds(Trouble, text, st.sampled_from(Kind)), max_size=2).map(tuple),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(observations)
def test_every_observation_comes_back_exactly(seen: Observation) -> None:
    assert loads(dumps(seen)) == seen


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_a_file_comes_back_and_is_the_same_each_time(tmp_path: Path, name: str) -> None:
    path = tmp_path / "saved" / name
    save(right_run(), path)
    first = path.read_bytes()
    assert load(path) == right_run()
    save(right_run(), path)
    assert path.read_bytes() == first


def test_the_troubles_of_an_older_file_are_read_without_a_kind() -> None:
    document = json.loads(dumps(right_run()))
    document["troubles"] = ["the session ended"]
    assert loads(json.dumps(document).encode()).troubles == (Trouble("the session ended"),)


def test_a_recorded_call_takes_a_few_bytes(tmp_path: Path) -> None:
    save(right_run(report=BadReport("none")), tmp_path / "run.json.gz")
    calls = sum(len(one.calls) for one in right_run().recordings)
    assert (tmp_path / "run.json.gz").stat().st_size < 20 * calls


def damaged(change: Any) -> bytes:
    document = json.loads(dumps(right_run()))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document.update(schema=2), "schema 2, this lab reads schema 1"),
        (lambda document: document.pop("schema"), "schema None"),
        (lambda document: document.update(extra=1), "observation.extra is not known"),
        (lambda document: document.pop("ledger"), "observation.ledger is missing"),
        (lambda document: document.update(seed="1"), "observation.seed is a str, must be a int"),
        (lambda document: document["host"].update(cpus=True), "observation.host.cpus is a bool"),
        (lambda document: document["recordings"][0]["calls"].pop("ret"), "other columns"),
        (lambda document: document["recordings"][0]["calls"].update(port=[]), "other columns"),
        (lambda document: document["recordings"][0]["calls"]["ret"].pop(), "damaged"),
        (lambda document: document["recordings"][0]["calls"]["ret"].__setitem__(0, "x"), "damaged"),
        (
            lambda document: document["recordings"][0]["calls"]["comm"]["numbers"].__setitem__(0, 99),
            "damaged",
        ),
        (
            lambda document: document["recordings"][0]["calls"]["comm"]["numbers"].__setitem__(0, -1),
            "damaged",
        ),
        (lambda document: document.update(recordings=None), "damaged"),
    ],
)
def test_what_does_not_fit_is_refused(change: Any, said: str) -> None:
    with pytest.raises(ObservationFileError) as error:
        loads(damaged(change))
    assert said in error.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no saved observation"),
        (b"[1]", "schema None"),
        (b"\x1f\x8bgarbage", "damaged"),
        (gzip.compress(b"{}" * 1000)[:-20], "cut off"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.json.gz"
    path.write_bytes(content)
    with pytest.raises(ObservationFileError) as error:
        load(path)
    assert str(path) in error.value.message
    assert said in error.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ObservationFileError, match=r"cannot read .*none\.json"):
        load(tmp_path / "none.json")
