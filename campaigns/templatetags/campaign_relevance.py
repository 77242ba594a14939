"""How much of what a programme sent mattered, in a template."""

from django import template

from campaigns.models import Campaign, Programme
from engagement.relevance import Relevance, kept_relevance

register = template.Library()


@register.simple_tag
def relevance_of_programme(programme: Programme) -> Relevance | None:
    """Of what its campaigns sent in the last 90 days, as it was counted last; None where nothing was."""
    return kept_relevance(Campaign.objects.filter(programme=programme).values_list("message_id", flat=True))
