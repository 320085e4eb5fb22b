from __future__ import annotations

from dataclasses import replace

from workloads.triton.container import DECOY, TARGET, command, model_files
from workloads.triton.workload import workload


def test_target_and_decoy_run_the_same_binary_on_ports_of_their_own() -> None:
    assert command(TARGET)[0] == command(DECOY)[0]
    assert not set(TARGET.ports.values()) & set(DECOY.ports.values())
    assert TARGET.ports == {"http": 8000, "grpc": 8001, "metrics": 8002}


def test_the_model_has_as_many_instances_as_asked_for() -> None:
    files = model_files(replace(TARGET, instances=7).instances)
    assert set(files) == {"work/config.pbtxt", "work/1/model.py"}
    assert b"count: 7 " in files["work/config.pbtxt"]
    assert b"@" not in files["work/config.pbtxt"]


def test_the_digest_is_the_same_for_the_same_files() -> None:
    assert workload().digest() == workload().digest()
    assert len(workload().digest()) == 16
