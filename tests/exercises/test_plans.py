"""What the exercises send."""

from __future__ import annotations

import random

import pytest

from lab.checkout import slugs
from tests.exercises.simulated import exercise


@pytest.mark.parametrize("slug", slugs())
def test_the_same_seed_plans_the_same_traffic_and_another_seed_does_not(slug: str) -> None:
    plan = exercise(slug).plan
    assert plan(random.Random(5), 2) == plan(random.Random(5), 2)
    assert plan(random.Random(5), 2) != plan(random.Random(6), 2)
