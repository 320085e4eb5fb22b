"""An order channel that writes down what it was asked for."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from grader.onhost.contract.order import Nothing, Order

A = TypeVar("A")


class OrdersOnPaper:
    """Satisfies `grader.traffic.OrderChannel`; answers every order with the same answer."""

    def __init__(self, answer: object = Nothing()) -> None:
        self.answer = answer
        self.asked: list[Order[Any]] = []

    def order(self, order: Order[A]) -> A:
        self.asked.append(order)
        return cast(A, self.answer)
