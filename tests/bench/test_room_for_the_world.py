"""The benchmarks' own PostgreSQL has memory for the world, where the machine has it."""

import pytest

from bench.__main__ import memory, roomy

GB = 2**30


@pytest.mark.parametrize(
    ("bytes_here", "buffers"),
    [(0, None), (GB // 8, None), (GB // 4, None), (GB // 2, "256MB"), (2 * GB, "1024MB"), (64 * GB, "2048MB")],
)
def test_it_takes_half_of_the_memory_and_two_gigabytes_at_most(bytes_here, buffers):
    assert roomy(bytes_here).get("shared_buffers") == buffers


def test_this_machine_tells_what_it_has():
    assert memory() > GB // 8
