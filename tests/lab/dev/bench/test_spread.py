"""The arithmetic of benchmarks."""

from lab.dev.bench.spread import Spread, median_interval


def test_a_spread_is_told_with_its_median_and_range() -> None:
    assert Spread.of([3.0, 1.0, 2.0]).text("s") == "2.00 s (1.00 to 3.00, 3 times)"


def test_few_values_give_their_whole_range() -> None:
    assert median_interval([5.0, 1.0, 3.0]) == (1.0, 5.0)


def test_the_interval_of_a_median_tightens_with_the_number_of_values() -> None:
    low, high = median_interval([float(value) for value in range(101)])
    assert (low, high) == (40.0, 60.0)


def test_one_wild_value_does_not_move_the_interval() -> None:
    calm = [float(value) for value in range(30)]
    assert median_interval([*calm[:-1], 1e9]) == median_interval(calm)
