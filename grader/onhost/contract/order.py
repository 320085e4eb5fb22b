"""What an order is: a dataclass of what is asked for, which names the type of its answer.

class StopTracer(Order[TracerStopped], name="stop_tracer"): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

from .plain_data import from_plain, to_plain

A = TypeVar("A")


@dataclass(frozen=True)
class Nothing:
    """The answer to an order that says nothing but that it was carried out."""


@dataclass(frozen=True)
class Order(Generic[A]):
    """The base of all orders. A subclass says its own fields, each of them plain data."""

    timeout_s: float = field(default=60.0, kw_only=True)
    """How long it may take without a sign of life. Whoever asks waits a little longer."""

    name: ClassVar[str]
    """What it is called between lab side and host, and as a step of a traffic plan."""
    answer: ClassVar[type[Any]]
    """The dataclass of its answer."""

    def __init_subclass__(cls, *, name: str) -> None:
        super().__init_subclass__()
        cls.name = name
        (cls.answer,) = get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Order[A]:
        """The order with these fields. Raises PlainDataError for one that is not known, or is missing."""
        return from_plain(cls, params, cls.name)

    def params(self) -> dict[str, Any]:
        """Its fields as plain data."""
        return cast(dict[str, Any], to_plain(self))

    def answered(self, plain: Any) -> A:
        """The answer in this plain data. Raises PlainDataError."""
        return cast(A, from_plain(self.answer, plain, f"the answer to {self.name}"))
