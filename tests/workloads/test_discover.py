from __future__ import annotations

import pytest

from workloads.discover import FOLDER, load_workload, workload_names
from workloads.errors import WorkloadError


def test_every_folder_with_a_workload_module_is_found_and_loads() -> None:
    assert workload_names() == sorted(path.parent.name for path in FOLDER.glob("*/workload.py"))
    for name in workload_names():
        assert isinstance(load_workload(name).digest(), str)


def test_a_name_without_a_folder_is_answered_with_the_nearest_right_one() -> None:
    with pytest.raises(WorkloadError, match="did you mean triton"):
        load_workload("tritton")
    with pytest.raises(WorkloadError, match="does not exist"):
        load_workload("../vm")
