"""The demo's mentions and conversations."""

import random
from datetime import datetime

from ecrm.demo.people import Person
from workspaces.models import User


def make_mentions(dice: random.Random, people: list[Person], now: datetime, team: list[User]) -> None:
    """Mentions of a year, most of them answered, some waiting."""
