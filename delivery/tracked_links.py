"""The links of a message as rows: written when it is approved, so that a click finds its target."""

from delivery.content.compiling import CompiledMessage
from delivery.models import Message, TrackedLink


def keep_links(message: Message, compiled: CompiledMessage) -> None:
    """The rows follow the text. Only before anybody was planned: numbers stand in what went out."""
    TrackedLink.objects.filter(message=message).delete()
    TrackedLink.objects.bulk_create(
        TrackedLink(message=message, number=number, url=url, label=label) for number, url, label in compiled.links.rows
    )
