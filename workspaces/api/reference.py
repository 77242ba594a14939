"""The document as chapters for a page: each operation with its parameters, body and answer, in words and an example."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST = 6


@dataclass(frozen=True)
class Field:
    """A parameter, or a member of a body or an answer."""

    name: str
    type: str
    says: str
    is_required: bool = False


@dataclass(frozen=True)
class Entry:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    says: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    example: str
    answer: str


@dataclass(frozen=True)
class Chapter:
    """The operations of one area."""

    name: str
    says: str
    entries: list[Entry]


def chapters_of(document: Mapping[str, Any]) -> list[Chapter]:
    """One chapter an area, in the order of the document."""
    schemas = document["components"]["schemas"]
    found: dict[str, list[Entry]] = {one["name"]: [] for one in document["tags"]}
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            found[said["tags"][0]].append(_entry(path, method, said, schemas))
    return [Chapter(one["name"], one["description"], found[one["name"]]) for one in document["tags"]]


def _entry(path: str, method: str, said: Mapping[str, Any], schemas: Mapping[str, Any]) -> Entry:
    content = said.get("requestBody", {}).get("content", {})
    body = next((one["schema"] for one in content.values()), None)
    answers = [one for code, one in said["responses"].items() if code.startswith("2")]
    shapes = [one["schema"] for answer in answers for one in answer.get("content", {}).values()]
    is_json = "application/json" in content
    return Entry(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        says=said["description"].partition("\n\nNeeds the scope")[0],
        scope=", ".join(said["x-scopes"]),
        parameters=[
            Field(one["name"], type_of(one["schema"]), one.get("description") or one["schema"].get("description", ""),
                  one.get("required", False))
            for one in said.get("parameters", [])
        ],
        body=_members(body, schemas) if body else [],
        example=_written(example_of(body, schemas)) if body and is_json else "",
        answer=_written(example_of(shapes[0], schemas)) if shapes else "",
    )  # fmt: skip


def _members(shape: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Field]:
    opened = _open(shape, schemas)
    needed = opened.get("required", [])
    return [
        Field(name, type_of(one), one.get("description", ""), name in needed)
        for name, one in opened.get("properties", {}).items()
    ]


def type_of(shape: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in shape:
        return "object"
    if choices := shape.get("enum"):
        return " | ".join(f'"{one}"' for one in choices)
    if "const" in shape:
        return f'"{shape["const"]}"'
    if parts := shape.get("anyOf"):
        return " | ".join(dict.fromkeys(map(type_of, parts)))
    if shape.get("type") == "array":
        return f"list of {type_of(shape.get('items', {}))}"
    return str(shape.get("format") or shape.get("type", "anything"))


def example_of(shape: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema, as one writes it down to explain it."""
    shape = _open(shape, schemas)
    if depth > DEEPEST:
        return None
    if "properties" in shape:
        return {name: example_of(one, schemas, depth + 1) for name, one in shape["properties"].items()}
    if parts := shape.get("anyOf"):
        return example_of(parts[0], schemas, depth + 1)
    if shape.get("type") == "array":
        return [example_of(shape.get("items", {}), schemas, depth + 1)]
    return shape.get("const", _plain(shape))


def _plain(shape: Mapping[str, Any]) -> Any:
    if "enum" in shape:
        return shape["enum"][0]
    if shape.get("format") == "date-time":
        return "2026-11-26T09:30:00Z"
    plain = {"integer": 1, "number": 1.5, "boolean": True, "object": {}, "null": None}
    return plain.get(str(shape.get("type")), "…")


def _open(shape: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in shape:
        shape = schemas[shape["$ref"].rpartition("/")[2]]
    return shape


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
