"""The demo's programmes and campaigns."""

import random
from datetime import datetime

from ecrm.demo.people import Person
from workspaces.models import User


def make_campaigns(dice: random.Random, people: list[Person], now: datetime, team: list[User]) -> None:
    """Programmes with objectives, letters of a year with what became of each person, one draft."""
