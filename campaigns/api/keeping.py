"""`/campaigns/{id}/library-item`: an email as a thing of the library, with a page that anybody may read."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from campaigns.api.campaigns import found_campaign
from campaigns.keeping_in_library import NotKeptError, item_of, keep_in_library
from emails.api.library import ItemShape, shape_of
from emails.library.keeping import BadItemError
from workspaces.api.door import scope
from workspaces.api.pages import Id, Taken
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.current import current_workspace

router = Router()


class KeptEmail(Taken):
    """What the library says of an email; what is left out is its subject, its preview line, the tags of its blocks."""

    title: str | None = Field(None, min_length=1, max_length=200)
    teaser: str | None = Field(None, max_length=300)
    interests: list[str] | None = Field(None, max_length=12, description="What it is about.")
    language: str | None = Field(None, max_length=10)


@router.get("/campaigns/{campaign_id}/library-item", response=ItemShape, summary="What of the library an email is")
@scope("campaigns:read", "library:read")
def get_kept_email(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """404 where it is not kept. Its `url` is the page in the browser."""
    item = item_of(found_campaign(campaign_id))
    if item is None:
        raise nothing_here("thing of the library")
    return shape_of(item)


@router.put("/campaigns/{campaign_id}/library-item", response=ItemShape, summary="Keep an email in the library")
@scope("campaigns:read", "library:write")
def keep_email(request: HttpRequest, campaign_id: Id, said: KeptEmail) -> dict[str, Any]:
    """Its page is drawn anew, at the same address. 409 until it goes out, and where a page for anybody cannot be drawn."""
    given = {name: value for name, value in said.model_dump().items() if value is not None}
    tags = given.pop("interests", None)
    campaign = found_campaign(campaign_id)
    try:
        return shape_of(keep_in_library(campaign, current_workspace(), by=None, tags=tags, **given))
    except NotKeptError as error:
        raise Problem(409, str(error), code="not_kept") from error
    except BadItemError as error:
        name = {"tags": "interests"}.get(error.field, error.field)
        raise refuse(f"body.{name}", error) from error
