"""The OpenAPI 3.1 document: what ninja knows of the operations, and what the frame adds to each of them."""

from functools import cache
from typing import Any

from django.utils.translation import override
from ninja import Schema

from lib.rooms import house
from workspaces.api.opening import open_api
from workspaces.api.problems import CONTENT_TYPE
from workspaces.api.replaying import LONGEST

ALWAYS = ("400", "401", "403", "404", "405", "422", "429", "500", "503", "504")
WITH_BODY = ("409", "413", "415")
PREFIX = "/api/v1"
DESCRIPTION = """\
Every request shows a key of the kind API: `Authorization: Bearer api_…`. The key opens its own workspace and nothing
else, and may be narrowed by scopes (`contacts:read`).

**Pages.** A list answers `{"items": […], "next": "…" | null}`; the next page is the same request with `after=` and what
`next` says. People who come in meanwhile stand at the end: nobody is seen twice, nobody is missed.

**Once.** A POST with an `Idempotency-Key` happens once in 24 hours: the same again is answered as the first was
(`Idempotency-Replayed: true`), another body is refused (422), one that is being worked on too (409).

**Errors** are problems as RFC 9457 has them (`application/problem+json`). Nothing of a request that is answered with one
is kept.

**Limits.** `RateLimit` says what is left of this minute, `RateLimit-Policy` how much there is; beyond it is a 429 with
`Retry-After`.
"""


class Fault(Schema):
    """One thing that is wrong with a request: where, and what."""

    at: str
    message: str


class ProblemShape(Schema):
    """What every error looks like."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] = []


@cache
def document() -> dict[str, Any]:
    """The document, in English, made once a process."""
    with override("en"):
        found: dict[str, Any] = dict(open_api().get_openapi_schema(path_prefix=""))
        found["info"]["description"] = DESCRIPTION
        found["servers"] = [{"url": PREFIX}]  # of the server that the document came from
        found["tags"] = [{"name": one.area, "description": str(one.label)} for one in _areas()]
    problem = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"].setdefault("schemas", {})
    schemas |= problem.pop("$defs") | {"Problem": problem}
    found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    found["components"]["responses"] = {"Problem": _problem()}
    found["security"] = [{"key": []}]
    for operation in _operations():
        for method in operation.methods:
            path = found["paths"][f"/{operation.path.strip('/')}"]
            _complete(path[method.lower()], method, operation.view_func)
    return found


def _areas() -> list[Any]:
    areas: dict[str, Any] = {}
    for one in house.api_routers:
        areas.setdefault(one.area, one)
    return list(areas.values())


def _operations() -> list[Any]:
    return [
        operation
        for router in open_api()._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    ]


def _complete(said: dict[str, Any], method: str, view: Any) -> None:
    """What the frame does for every operation: scope, errors, headers."""
    said["x-scopes"] = list(view.scopes)
    scopes = " and ".join(f"`{one}`" for one in view.scopes)
    said["operationId"] = view.__name__
    for parameter in said["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
    said["description"] = f"{said.get('description', '')}\n\nNeeds the scope {scopes}.".strip()
    codes = [*ALWAYS, *(WITH_BODY if method != "GET" else ())]
    said["responses"] = {str(code): answer for code, answer in said["responses"].items()}
    said["responses"] |= {code: {"$ref": "#/components/responses/Problem"} for code in codes}
    if method == "POST":
        said["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
                "description": "Makes this happen once, whatever a network repeats.",
            }
        )


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """An address cannot say null: what may be left out is left out."""
    parts = [one for one in shape.get("anyOf", []) if one != {"type": "null"}]
    return {name: one for name, one in shape.items() if name != "anyOf"} | parts[0] if len(parts) == 1 else shape


def _problem() -> dict[str, Any]:
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": "What went wrong; nothing was kept.", "content": {CONTENT_TYPE: shape}}
