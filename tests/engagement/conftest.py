import pytest

from tests.engagement.world import NOON


@pytest.fixture
def noon(time_machine):
    """It is noon of a Wednesday in March, and stays so."""
    time_machine.move_to(NOON, tick=False)
    return NOON


@pytest.fixture
def here(noon, inside):
    """Kettle & Co is open, at noon."""
    return inside
