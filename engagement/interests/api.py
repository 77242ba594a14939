"""`/interests` and `/contacts/…/interests`: the tags people can be interested in, and how strongly each person is."""

from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from contacts.api.reading import find_contact
from contacts.merging import survivor_of
from engagement.interests import keeping
from engagement.interests.panels import words_of
from engagement.interests.reading import NoTagError, interests_of, is_name, names_of, tag_for, tags_for
from engagement.interests.saying import say_interests
from engagement.interests.strength import KEYS, strength_of
from engagement.models import InterestTag
from engagement.models.interests import LONGEST_TAG, Said
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, Taken
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
type TagName = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG)]
StrengthName = StrEnum("StrengthName", {key.upper(): key for key in KEYS})  # type: ignore[misc]
MOST_SAID = 50


class SaidName(StrEnum):
    """What a person says of a tag."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    NOTHING = "nothing"


WORDS = {
    SaidName.INTERESTED: Said.WANTS,
    SaidName.NOT_INTERESTED: Said.NOT_WANTED,
    SaidName.NOTHING: Said.NOTHING,
}
NAMED = {word: name for name, word in WORDS.items()}


class InterestTagShape(Schema):
    """Something people can be interested in, and how much it is used."""

    id: int
    name: str
    people: int
    links: int = Field(description="Links of emails that are about it.")
    pages: int = Field(description="Rules for pages that are about it.")


class TagNamed(Taken):
    """A tag by its name."""

    name: TagName


class TagChange(Taken):
    """A new name, or another tag that this one becomes a part of."""

    name: TagName | None = None
    merge_into: Id | None = None


class InterestShape(Schema):
    """How strongly a person is interested in a tag now."""

    id: int = Field(description="The tag’s id.")
    name: str
    strength: float = Field(description="A click is worth 2 and halves every 60 days; from 8 it is strong.")
    level: StrengthName | None = Field(description="Null: too faint to speak of.")
    said: SaidName = Field(description="The person’s own word.")


class SaidInterest(Taken):
    """What the person said of a tag; one that is new is made."""

    name: TagName
    said: SaidName = SaidName.INTERESTED


class SaidInterests(Taken):
    """What the person said; tags left out stay as they are."""

    items: list[SaidInterest] = Field(max_length=MOST_SAID)


@router.get("/interests", response=ListOf[InterestTagShape], summary="Interests")
@scope("contacts:read")
def list_interests(request: HttpRequest) -> dict[str, Any]:
    """Every tag, by name."""
    return {"items": [_shape(use) for use in keeping.uses_of_tags()]}


@router.post("/interests", response={201: InterestTagShape}, summary="Add an interest")
@scope("contacts:write")
def add_interest(request: HttpRequest, said: TagNamed) -> Status:
    """May be repeated: one that is there stays as it is."""
    try:
        tag = tag_for(said.name)
    except NoTagError as error:
        raise refuse("body.name", str(error)) from error
    return Status(201, _use_of(tag))


@router.patch("/interests/{tag_id}", response=InterestTagShape, summary="Rename or merge an interest")
@scope("contacts:write")
def change_interest(request: HttpRequest, tag_id: Id, said: TagChange) -> dict[str, Any]:
    """Its earlier name goes on to find it. Merged, the answer is the tag that it became a part of."""
    tag = _find(tag_id)
    try:
        if said.name is not None:
            keeping.rename_tag(tag, said.name, by=None)
        if said.merge_into is not None:
            into = _find(said.merge_into)
            keeping.merge_tags(tag, into, by=None)
            tag = into
    except NoTagError as error:
        raise refuse("body.name", str(error)) from error
    except keeping.NameTakenError as error:
        raise Problem(409, "Another interest has this name. Merge them.", code="name_taken") from error
    except keeping.SameTagError as error:
        raise refuse("body.merge_into", "An interest cannot be merged into itself.") from error
    return _use_of(tag)


@router.delete("/interests/{tag_id}", response={204: None}, summary="Remove an interest")
@scope("contacts:write")
def remove_interest(request: HttpRequest, tag_id: Id) -> Status:
    """Nobody is interested in it and nothing is about it any more."""
    keeping.remove_tag(_find(tag_id), by=None)
    return Status(204, None)


@router.get("/contacts/{contact_id}/interests", response=ListOf[InterestShape], summary="Interests of a contact")
@scope("contacts:read")
def list_interests_of_contact(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """Strongest first, then what they said they are not interested in."""
    return {"items": _interests(find_contact(contact_id).pk)}


@router.put("/contacts/{contact_id}/interests", response=ListOf[InterestShape], summary="Say what a contact likes")
@scope("contacts:write")
def put_interests_of_contact(request: HttpRequest, contact_id: Id, said: SaidInterests) -> dict[str, Any]:
    """The person’s own word, as they told it to you. May be repeated."""
    contact = find_contact(contact_id)
    names = [one.name for one in said.items]
    empty = [place for place, name in enumerate(names) if not is_name(name)]
    if empty:
        raise refuse(f"body.items.{empty[0]}.name", "An interest needs a name.")
    tags = tags_for(names)
    say_interests(contact.pk, {tags[one.name].pk: WORDS[one.said] for one in said.items})
    return {"items": _interests(contact.pk)}


def _interests(contact_id: int) -> list[dict[str, Any]]:
    who = survivor_of(contact_id)
    strengths, words = interests_of([who]).get(who, {}), words_of(who)
    refused = [tag for tag, word in words.items() if word.said == Said.NOT_WANTED]
    names = names_of([*strengths, *refused])
    return [
        {
            "id": tag,
            "name": names[tag],
            "strength": value,
            "level": next((key for key, one in KEYS.items() if one == strength_of(value)), None),
            "said": NAMED[Said(words[tag].said)] if tag in words else SaidName.NOTHING,
        }
        for tag, value in [*strengths.items(), *((tag, 0.0) for tag in refused)]
        if tag in names
    ]


def _find(tag_id: int) -> InterestTag:
    tag = InterestTag.objects.filter(pk=tag_id, merged_into=None).first()
    if tag is None:
        raise nothing_here("interest")
    return tag


def _use_of(tag: InterestTag) -> dict[str, Any]:
    return next(_shape(use) for use in keeping.uses_of_tags() if use.tag.pk == tag.pk)


def _shape(use: keeping.Use) -> dict[str, Any]:
    return {"id": use.tag.pk, "name": use.tag.name, "people": use.people, "links": use.links, "pages": use.pages}
