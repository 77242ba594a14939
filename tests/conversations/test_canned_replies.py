import pytest

from conversations.answers.canned_replies import fill_in, first_name
from conversations.forms import CannedReplyForm


@pytest.mark.parametrize(
    ("text", "name", "filled"),
    [
        ("{name}, thank you", "", "Thank you"),
        ("Thank you, {name}!", "", "Thank you!"),
        ("Hi\n{name}: we look into it", "", "Hi\nWe look into it"),
        ("Dear {name}", "Bell, Anna", "Dear Anna"),
        ("Dear {name}", "Dr. Anna Bell", "Dear Anna"),
        ("Dear {name}", "Dr.", "Dear Dr."),
        ("Hallo {name}", "🌸 Flo", "Hallo Flo"),
        ("Hallo {name}", "🌸", "Hallo"),
        ("Hello {name}", "Anna", "Hello Anna"),
        ("Hello {name}", "{name}", "Hello {name}"),
    ],
)
def test_a_canned_reply_greets_as_a_person_would(text, name, filled):
    assert fill_in(text, name) == filled


@pytest.mark.parametrize(
    ("name", "first"), [("Anna,", "Anna"), ("(Anna)", "Anna"), ("", ""), ("van der Berg, Jan", "Jan")]
)
def test_a_first_name_is_found(name, first):
    assert first_name(name) == first


@pytest.mark.parametrize(
    ("text", "is_fine"), [("Dear {first_name} {Name}", False), ("Dear {name}", True), ("{ }", False)]
)
def test_unknown_variables_are_refused_when_it_is_saved(inside, text, is_fine):
    form = CannedReplyForm({"title": "T", "language": "en", "text": text})

    assert form.is_valid() is is_fine
    if "first_name" in text:
        assert form.errors["text"] == ["Only {name} can stand in braces, not {Name}, {first_name}."]
