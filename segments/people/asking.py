"""What an address asks of the list of people: words, a role, narrowings of rooms, filters, an order.

The same is read from a page's address, from the hidden field of a form that acts on everybody who fits, and from a
saved view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import Audience
from contacts.showing import sees_names
from lib.asked import whole_number
from lib.offers import Narrowing
from lib.rooms import house
from segments.leaf_types.role import ROLES
from segments.listing import narrowings
from segments.people.filters import Filters, read_filters
from segments.rules.compiler import Rule
from workspaces.requests import Request

LONGEST_WORDS = 200


class NotWholeError(ValueError):
    """A filter that stood in the address means nothing any more: the list shows more people without it."""


@dataclass(frozen=True)
class Asked:
    """What is asked, read; `values` are the words behind each narrowing, `left_out` what was not understood."""

    text: str = ""
    role: int | None = None
    sort: str = "newest"
    narrowed: Mapping[str, Narrowing] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    left_out: list[str] = field(default_factory=list)
    view_id: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than everybody."""
        return bool(self.text or self.role is not None or self.narrowed or self.filters.nodes)

    def check_whole(self) -> None:
        """Refuse what means more people than whoever asked it saw, because a part of it is gone. NotWholeError."""
        if self.left_out:
            raise NotWholeError(_("Nothing was changed, because not everything that narrows the list could be read."))

    @property
    def of_whom(self) -> dict[str, Any]:
        """The arguments of list_people and its sisters."""
        rule = self.filters.rule if self.filters.nodes else None
        return {"text": self.text, "role": self.role, "narrowed": list(self.narrowed.values()), "rule": rule}

    def as_rule(self) -> tuple[Rule, list[str]]:
        """The same people as a segment's rule, and in words what no rule can say (words searched for, quality …)."""
        nodes: list[Rule] = []
        if self.role is not None:
            nodes.append({"role": {"in": [next(name for name, one in ROLES.items() if one == self.role)]}})
        unsaid = [_("the words searched for")] if self.text else []
        for name, one in self.narrowed.items():
            as_node = house.list_filters[name].as_rule
            if as_node is None:
                unsaid.append(str(one.words))
            else:
                nodes.append(as_node(self.values[name]))
        return {"all": [*nodes, *self.filters.nodes]}, unsaid

    def address(self, *, without: str = "", filters: list[Rule] | None = None) -> str:
        """The query string that asks this, without one part, or with other filters."""
        said = QueryDict(mutable=True)
        if self.view_id and without != "view":
            said["view"] = str(self.view_id)
        parts = {"q": self.text, "role": "" if self.role is None else str(self.role), **self.values}
        for name, value in parts.items():
            if value and name != without:
                said[name] = value
        nodes = self.filters.nodes if filters is None else filters
        said.setlist("f", Filters(nodes).texts)
        if self.sort != "newest":
            said["sort"] = self.sort
        return said.urlencode()


def read_asked(request: Request, params: QueryDict) -> Asked:
    """What these parameters ask, as far as this member may ask it; nonsense is left out and said."""
    identifies = sees_names(request)
    role = whole_number(params.get("role", ""))
    narrowed = narrowings(request, params)
    filters = read_filters(request, params.getlist("f"))
    sort = params.get("sort", "newest")
    if sort not in house.list_orders or (sort == "name" and not identifies):
        sort = "newest"  # the order is told by nobody's name, nor is a name in the cursor
    return Asked(
        text=params.get("q", "").strip()[:LONGEST_WORDS] if identifies else "",
        role=role if role in Audience.values else None,
        sort=sort,
        narrowed=narrowed,
        values={name: str(params[name]) for name in narrowed},
        filters=filters,
        left_out=[*_unknown(params, role, narrowed), *filters.left_out],
        view_id=whole_number(params.get("view", "")) or 0,
    )


def _unknown(params: QueryDict, role: int | None, narrowed: Mapping[str, Narrowing]) -> list[str]:
    """What the parameters ask that means nothing here, in words."""
    wrong = [name for name in house.list_filters if params.get(name) and name not in narrowed]
    if params.get("role") and role not in Audience.values:
        wrong.append("role")
    return [
        _("Left out, because nothing here is called that: %(what)s") % {"what": f"{name}={params.get(name, '')[:40]}"}
        for name in wrong
    ]
