"""The form of a block says all that the block says, and what it says becomes the block."""

import pytest
from django.http import QueryDict

from emails.block_forms import FORMS, form_for
from emails.blocks.kinds import BY_KIND, kind_of
from emails.editing import change
from emails.reading import check_blocks
from tests.emails.making import SEVERAL, made


def sent(form) -> QueryDict:
    """What a browser sends of a form that nobody touched."""
    data = QueryDict(mutable=True)
    for field in form:
        value = field.value()
        if value is True:
            data[field.name] = "on"
        elif value not in {None, False}:
            data[field.name] = str(value)
    return data


def test_each_kind_has_a_form():
    assert set(FORMS) == set(BY_KIND)


@pytest.mark.parametrize("said", [*SEVERAL, {"kind": "image", "picture": 7, "alt": "A pot", "width": "half"}],
                         ids=lambda said: said["kind"])  # fmt: skip
def test_a_form_that_nobody_touched_changes_nothing(said):
    blocks = check_blocks(made(said | {"space": 24}))

    form = form_for(blocks[0], sent(form_for(blocks[0])))

    assert form.is_valid(), form.errors
    assert check_blocks(change(blocks, blocks[0].id, form.facts())) == blocks


LEADS = {"button", "card", "image", "text"}  # what their links are about is said there


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_every_field_of_a_block_stands_in_its_form(kind):
    block = BY_KIND[kind](id="b1")
    form = form_for(block)

    fields = {name.rpartition("_")[0] if kind == "columns" and name[-1].isdigit() else name for name in form.fields}
    hidden = {"id", "when"} if kind in LEADS else {"id", "when", "tags"}
    known = {"title", "html", "space"} if kind == "columns" else set(block.__struct_fields__) - hidden
    assert fields == known
    assert {one.name for one in (*form.words(), *form.look())} == set(form.fields)


def test_a_third_column_that_is_empty_goes():
    blocks = made({"kind": "columns", "cells": [{"title": "a"}, {"title": "b"}, {"title": "c"}]})
    data = sent(form_for(blocks[0]))
    data["title_3"] = ""

    form = form_for(blocks[0], data)
    assert form.is_valid()
    assert [cell.title for cell in change(blocks, "b1", form.facts())[0].cells] == ["a", "b"]


def test_a_space_of_another_size_stays_a_choice():
    blocks = made({"kind": "divider", "space": 33})

    assert form_for(blocks[0], sent(form_for(blocks[0]))).is_valid()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [("heading", "text", "x" * 301), ("heading", "level", "3"), ("image", "picture", "-1"), ("image", "picture", "9" * 30),
     ("text", "size", "huge"), ("button", "href", "x" * 1_501), ("divider", "space", "17")],
)  # fmt: skip
def test_what_no_block_can_be_is_an_error_at_its_field(kind, field, value):
    block = BY_KIND[kind](id="b1")
    data = sent(form_for(block))
    data[field] = value

    form = form_for(block, data)

    assert not form.is_valid()
    assert field in form.errors
    assert kind_of(block) == kind
