"""Offers that an email may name, in the pickers of fields."""

from typing import Any

from django import template

from emails.offers.finding import offered

register = template.Library()


@register.inclusion_tag("emails/offers/picker.html")
def offer_fields(*, inserts: bool = False) -> dict[str, Any]:
    """Each pool that is not over, with what is left of it; `inserts`: a button puts it where the caret stands."""
    return {"offers_offered": offered(), "inserts": inserts}
