"""What two write in the same form: what one of them left alone is the other's, what both changed is asked."""

import re

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from lib.times.moment_fields import MomentField
from lib.written_meanwhile import MeanwhileForm

COLOURS = [("1", "Red"), ("2", "Green"), ("3", "Blue")]


class CupForm(MeanwhileForm):
    name = forms.CharField(required=False)
    words = forms.CharField(required=False, widget=forms.Textarea, label="Words")
    colour = forms.ChoiceField(choices=COLOURS)
    tags = forms.MultipleChoiceField(choices=COLOURS, required=False)
    is_hot = forms.BooleanField(required=False)
    at = MomentField(required=False)
    number = forms.IntegerField(required=False)

    def clean_name(self):
        return self.cleaned_data["name"].upper()


FIRST = {"name": "CUP", "words": "One\nTwo", "colour": "1", "tags": ["1"], "is_hot": True, "at": None, "number": 3}
OTHER = {
    "name": "MUG",
    "words": "Three",
    "colour": "2",
    "tags": ["1", "2"],
    "is_hot": False,
    "at": "2026-11-01T10:00Z",
    "number": None,
}
THIRD = {
    "name": "POT",
    "words": "",
    "colour": "3",
    "tags": [],
    "is_hot": True,
    "at": "2026-12-01T10:00",
    "number": 9,
}


def seen_in(form) -> dict[str, str]:
    return dict(re.findall(r'name="([^"]*seen-[^"]+)" value="([^"]+)"', form.seen_fields))


def posted(facts, seen, prefix="") -> dict:
    found = {f"{prefix}{name}": value for name, value in facts.items() if value not in (None, False)}
    if found.get(f"{prefix}words"):
        found[f"{prefix}words"] = found[f"{prefix}words"].replace("\n", "\r\n") + "\r\n"  # as browsers send it
    return found | ({f"{prefix}is_hot": "on"} if facts["is_hot"] else {}) | seen


@pytest.mark.parametrize("prefix", [None, "own"])
@given(mine=st.sets(st.sampled_from(sorted(FIRST.keys() - {"is_hot"}))), theirs=st.sets(st.sampled_from(sorted(FIRST))))
def test_each_field_is_whose_who_changed_it(prefix, mine, theirs):
    before = f"{prefix}-" if prefix else ""
    seen = seen_in(CupForm(initial=FIRST, prefix=prefix))
    now = FIRST | {name: OTHER[name] for name in theirs}
    said = FIRST | {name: THIRD[name] for name in mine}
    form = CupForm(posted(said, seen, before), initial=now, prefix=prefix)

    assert set(form.errors) == mine & theirs
    for name in form.cleaned_data:
        whole = CupForm(posted(now if name in theirs - mine else said, {}, before), prefix=prefix)
        assert whole.is_valid()
        assert form.cleaned_data[name] == whole.cleaned_data[name]
    assert not (set(form.changed_data) & (theirs - mine))

    again = CupForm(posted(said, seen_in(form), before), initial=now, prefix=prefix)  # once more: mine goes over theirs
    assert again.is_valid()


def test_what_both_wrote_alike_is_no_clash():
    seen = seen_in(CupForm(initial=FIRST))

    assert CupForm(posted(OTHER, seen), initial=OTHER).is_valid()


def test_a_mistake_says_theirs_in_words_and_what_is_long_stands_below():
    seen = seen_in(CupForm(initial=FIRST))
    long = "Slow water. " * 40
    form = CupForm(posted(THIRD, seen), initial=OTHER | {"words": long, "tags": ["2", "3"]})

    assert "“MUG”" in form.errors["name"][0]
    assert "“Green”" in form.errors["colour"][0]
    assert "“Green, Blue”" in form.errors["tags"][0]
    assert "below" in form.errors["words"][0]
    assert long.strip() in form.seen_fields
    assert "emptied" in form.errors["number"][0]


def test_without_what_was_seen_all_is_taken_as_it_comes_and_a_preview_asks_nothing():
    assert CupForm(posted(THIRD, {}), initial=OTHER).is_valid()
    form = CupForm(posted(THIRD, seen_in(CupForm(initial=FIRST))), initial=OTHER)
    form.meets = False

    assert form.is_valid()
    assert form.cleaned_data["name"] == "POT"


def test_what_stands_and_can_no_longer_be_chosen_is_a_mistake_of_its_field():
    form = CupForm(posted(FIRST, seen_in(CupForm(initial=FIRST))), initial=FIRST | {"colour": "9"})

    assert list(form.errors) == ["colour"]
