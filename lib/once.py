"""What many parts of one page ask is read once: in a block that only reads, the same question has the same answer.

A page is made of panels of many rooms that know nothing of each other, and each asks who was merged into the person.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """In this block nothing is written: functions `once_a_page` answer the same question without asking again."""
    token = _answers.set({} if _answers.get() is None else _answers.get())
    try:
        yield
    finally:
        _answers.reset(token)


def once_a_page[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """A function of hashable arguments that reads: inside `reading_once` it is asked once for each of them.

    Outside it reads each time. Nobody changes what it returns.
    """

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        answers = _answers.get()
        if answers is None:
            return function(*args, **kwargs)
        question = (function, args, tuple(sorted(kwargs.items())))
        if question not in answers:
            answers[question] = function(*args, **kwargs)
        found: T = answers[question]
        return found

    return ask
