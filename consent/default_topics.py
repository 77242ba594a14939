"""What a new workspace has to ask people for."""

from consent.models import ContactHours, Topic
from consent.rules import usual_call_hours
from workspaces.models import Workspace


def create_default_topics(workspace: Workspace) -> None:
    """A new workspace has two things to ask for: a newsletter and offers."""
    newsletter = Topic(
        key="letter", name="Newsletter", promise="What is new, now and then", asks="Read it when you like", position=1
    )
    offers = Topic(key="offers", name="Offers", promise="Prices before others see them", asks="Nothing", position=2)
    Topic.objects.bulk_create([newsletter, offers], ignore_conflicts=True)


def create_default_hours(workspace: Workspace) -> None:
    """A new workspace knows the hours for calls of countries whose law names them, with their source."""
    ContactHours.objects.bulk_create(usual_call_hours())
