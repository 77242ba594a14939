"""Which contacts a page of the API holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, create_model

from contacts.addresses import BadAddressError
from contacts.api.shapes import Role
from contacts.folding import folded
from contacts.identifying import normalise_identity
from contacts.models import Audience, Identity
from lib.clock import now
from lib.pages import write_cursor
from lib.rooms import house
from lib.sql import load_sql, read_sql, run_sql
from workspaces.api.pages import Paged
from workspaces.api.problems import refuse
from workspaces.current import current_workspace_id
from workspaces.events import KEPT_FOR

BY_IDENTITY = {"email": Identity.Kind.EMAIL, "phone": Identity.Kind.PHONE, "external_id": Identity.Kind.EXTERNAL_ID}


class ContactsAsked(Paged):
    """Who is asked for: everything that is said must be true of them."""

    email: str | None = Field(None, max_length=320, description="Who is recognised by this address, also a former one.")
    phone: str | None = Field(None, max_length=40)
    external_id: str | None = Field(None, max_length=300)
    tag: str | None = Field(None, max_length=60, description="In upper or lower case.")
    role: Role | None = None
    updated_since: AwareDatetime | None = Field(
        None, description="Who is new or changed since then, by the log of events: 30 days at most."
    )


_shape: Any = create_model  # its own types know no fields by name
Filters: Any = _shape(
    "ContactFilters",
    __base__=ContactsAsked,
    **{
        one.name: (Annotated[str, Field(max_length=80)] | None, Field(None, description=one.says))
        for one in house.contact_filters.values()
    },
)


def page_of_ids(asked: Any) -> tuple[list[int], str | None]:
    """The ids of the page, oldest contact first, and where the next begins. Problem 422 for a filter that cannot be."""
    place = asked.place(int)
    narrowed, params = _narrowed(asked)
    params |= {"workspace": current_workspace_id(), "after": place[0] if place else 0, "limit": asked.limit + 1}
    ids = [int(row[0]) for row in run_sql("contacts/api_page", params, narrowed=narrowed)]
    shown = ids[: asked.limit]
    return shown, write_cursor(shown[-1]) if len(ids) > asked.limit else None


def _narrowed(asked: Any) -> tuple[str, dict[str, Any]]:
    parts: list[str] = []
    params: dict[str, Any] = {}
    for name, kind in BY_IDENTITY.items():
        if (said := getattr(asked, name)) is not None:
            parts.append(load_sql("contacts/api_by_identity", kind=f"{name}_kind", value=name))
            params |= {f"{name}_kind": int(kind), name: _normalised(name, kind, said)}
    if asked.tag is not None:
        parts.append(read_sql("contacts/api_by_tag"))
        params["tag"] = folded(asked.tag.strip(), 60)
    if asked.role is not None:
        parts.append(read_sql("contacts/api_by_role"))
        params["role"] = int(Audience[asked.role.name])
    if asked.updated_since is not None:
        parts.append(read_sql("contacts/api_changed_since"))
        params["changed_since"] = _within_the_log(asked.updated_since)
    for name, one in house.contact_filters.items():
        if (said := getattr(asked, name)) is not None:
            if (found := one.narrow(said)) is None:
                raise refuse(f"query.{name}", f"There is no such {name}.")
            parts.append(found.sql)
            params |= _checked(found.params, params)
    return "\n".join(parts), params


def _checked(more: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    if clash := more.keys() & params.keys():
        raise ValueError(f"two filters name a parameter {sorted(clash)}")
    return more


def _normalised(name: str, kind: int, said: str) -> str:
    try:
        return normalise_identity(kind, said)
    except BadAddressError as error:
        raise refuse(f"query.{name}", error) from error


def _within_the_log(since: datetime) -> datetime:
    if since < now() - KEPT_FOR - timedelta(minutes=5):
        raise refuse(
            "query.updated_since", f"What changed is known for {KEPT_FOR.days} days: ask for later, or for all."
        )
    return since
