"""How many of some people have each field that an email may name: what the others read is its stand-in."""

from collections.abc import Sequence

from contacts.fields import Place, fields_at
from delivery.content.people import written
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id

TOLD = "(o.text <> '' OR o.number IS NOT NULL OR o.moment IS NOT NULL)"


def count_filled(contact_ids: Sequence[int]) -> dict[str, int]:
    """Field as a template writes it → how many of these have it; one that nobody has is left out. One statement.

    The same people for whom `people.fields_of` knows it; interests are not counted.
    """
    known = {one.name_in_email: f"p.\"{one.name}\" <> ''" for one in fields_at(Place.EMAIL)}
    known["first_name"] = "p.given_name <> '' OR p.name <> ''"  # the first word of a name stands in
    columns = ", ".join(f"('{name}', {test})" for name, test in known.items())
    params = {"workspace": current_workspace_id(), "contacts": array_of(contact_ids)}
    rows = run_sql("delivery/filled", params, columns=columns, told=TOLD)
    return {written(("contact", name)): int(people) for name, people in rows}
