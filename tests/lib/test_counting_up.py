"""A counter that ends by itself, and may end at any moment."""

from django.core.cache import cache

from lib.counting_up import count_up


def test_it_counts_each_key_for_itself():
    assert [count_up("one", 60), count_up("one", 60), count_up("two", 60)] == [1, 2, 1]


def test_a_span_that_ends_between_the_two_questions_begins_anew(monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *_args: None)
    assert count_up("gone", 60) == 1
