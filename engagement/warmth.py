"""Who is engaged the most, as an order: what does not change by time alone, so that it can be sorted by."""


def warmth_sql(contact: str) -> str:
    """The heat of a person (`contact`: SQL of their id) in %(workspace)s, 0 where nothing is known of them."""
    return (
        "coalesce((SELECT heat.heat FROM engagement_score heat"
        f" WHERE heat.workspace_id = %(workspace)s AND heat.contact_id = {contact}), 0)"
    )
