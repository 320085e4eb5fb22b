"""What tests of planned traffic share: the seeds they try, and which numbers are prime."""

from __future__ import annotations

SEEDS = range(40)


def is_prime(number: int) -> bool:
    """For small numbers."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
