"""The fields of a contact, in one table: what each is called, how it is written, and where it appears.

A new field is one entry here and one column (model and migration). The form, the API's identify, import targets,
segment leaves, emails, the list, the export, the admin and the search read the table when they run. What is not in
the table is a custom field: a row of FieldValue under a name that the workspace chose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FieldType(StrEnum):
    """How a field's values compare and are entered."""

    TEXT = auto()
    NUMBER = auto()
    MOMENT = auto()
    YES_NO = auto()


class Sensitivity(StrEnum):
    """Who may see it: an IDENTIFYING value is masked for those who see no names; a SETTING says how to treat them."""

    IDENTIFYING = auto()
    PERSONAL = auto()
    SETTING = auto()


class Place(StrEnum):
    """Where a field appears."""

    FORM = auto()  # entered by hand
    API = auto()  # told by identify, and by files
    IMPORT = auto()  # a target of a file's column
    SEGMENT = auto()  # compared by the `field` leaf
    EMAIL = auto()  # put into a message's text
    PANEL = auto()  # among the fields on the contact's page
    LIST = auto()  # a column of the list of contacts
    EXPORT = auto()  # a column of exported files
    ADMIN = auto()  # a column of the admin's list
    SEARCH = auto()  # its words find the contact


EVERYWHERE = frozenset(Place)
TOLD = frozenset({Place.API, Place.IMPORT})


@dataclass(frozen=True)
class ContactField:
    """One field. `name` is the column of Contact; `aliases` are words for it in files' headers, `api_names` in the API.

    `email_name` is what a message's text calls it (contact.first_name), `stand_in` what stands there for people of
    whom it is not known.
    """

    name: str
    label: str | Promise
    type: FieldType = FieldType.TEXT
    length: int = 0
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    places: frozenset[Place] = EVERYWHERE
    aliases: Sequence[str] = ()
    api_names: Sequence[str] = ()
    email_name: str = ""
    stand_in: str = ""
    is_words: bool = False

    @property
    def folded(self) -> str:
        """The column that it is compared in; codes and addresses are compared where they stand."""
        return f"{self.name}_folded" if self.is_words else self.name

    @property
    def name_in_email(self) -> str:
        """What a message's text calls it."""
        return self.email_name or self.name


NAMED = frozenset(EVERYWHERE - {Place.PANEL, Place.LIST})  # shown in the page's and the list's head already
CONTACT_FIELDS: tuple[ContactField, ...] = (
    ContactField(
        "name",
        _("name"),
        length=200,
        sensitivity=Sensitivity.IDENTIFYING,
        places=NAMED,
        aliases=("full name",),
        stand_in="you",
        is_words=True,
    ),
    ContactField(
        "given_name",
        _("first name"),
        length=100,
        sensitivity=Sensitivity.IDENTIFYING,
        places=NAMED - {Place.EXPORT, Place.ADMIN},
        aliases=("first name", "vorname"),
        api_names=("firstName", "first_name"),
        email_name="first_name",
        stand_in="there",
        is_words=True,
    ),
    ContactField(
        "family_name",
        _("last name"),
        length=100,
        sensitivity=Sensitivity.IDENTIFYING,
        places=NAMED - {Place.EXPORT, Place.ADMIN},
        aliases=("last name", "surname", "nachname"),
        api_names=("lastName", "last_name"),
        email_name="last_name",
        is_words=True,
    ),
    ContactField(
        "email",
        _("email"),
        length=254,
        sensitivity=Sensitivity.IDENTIFYING,
        places=NAMED,
        aliases=("e-mail", "email address", "e-mail address", "mail"),
    ),
    ContactField(
        "language",
        _("language"),
        length=10,
        places=EVERYWHERE - {Place.LIST, Place.EXPORT, Place.SEARCH},
        aliases=("locale", "sprache"),
        api_names=("locale",),
    ),
    ContactField(
        "city",
        _("city"),
        length=100,
        places=EVERYWHERE - {Place.ADMIN, Place.SEARCH},
        aliases=("town", "ort", "stadt"),
        stand_in="your town",
        is_words=True,
    ),
    ContactField("country", _("country"), length=2, places=EVERYWHERE - {Place.SEARCH}, aliases=("land",)),
    ContactField(
        "zone",
        _("time zone"),
        length=60,
        places=TOLD | {Place.FORM, Place.SEGMENT},
        aliases=("time zone",),
        api_names=("timezone",),
    ),
    ContactField(
        "contact_frequency",
        _("contact frequency"),
        FieldType.NUMBER,
        sensitivity=Sensitivity.SETTING,
        places=frozenset({Place.FORM, Place.SEGMENT, Place.ADMIN}),
    ),
    ContactField(
        "dialogue_mode",
        _("how we talk"),
        FieldType.NUMBER,
        sensitivity=Sensitivity.SETTING,
        places=frozenset({Place.FORM}),
    ),
    ContactField("created_at", _("known to us"), FieldType.MOMENT, places=frozenset({Place.SEGMENT, Place.ADMIN})),
    ContactField("complaint_since", _("open complaint"), FieldType.MOMENT, places=frozenset({Place.SEGMENT})),
    ContactField(
        "paused_until",
        _("pause until"),
        FieldType.MOMENT,
        sensitivity=Sensitivity.SETTING,
        places=frozenset({Place.SEGMENT}),
    ),
    ContactField(
        "is_profiled",
        _("may be scored"),
        FieldType.YES_NO,
        sensitivity=Sensitivity.SETTING,
        places=frozenset({Place.SEGMENT}),
    ),
)


# Nobody says when we met them, and an open complaint is a thread in the inbox with a history of its own.
WITHOUT_HISTORY = {"created_at", "complaint_since"}


def fields_at(place: Place) -> list[ContactField]:
    """The fields that appear there, in the table's order."""
    return [one for one in CONTACT_FIELDS if place in one.places]


def names_with_history() -> list[str]:
    """The fields whose every change is kept; the triggers of sql/keep_history.sql look at these columns."""
    return [*(one.name for one in CONTACT_FIELDS if one.name not in WITHOUT_HISTORY), "owner_id"]


def names_at(place: Place) -> list[str]:
    """Their names, which are columns of Contact."""
    return [one.name for one in fields_at(place)]


def field_at(place: Place, name: str) -> ContactField | None:
    """The field of this name, if it appears there."""
    return next((one for one in CONTACT_FIELDS if one.name == name and place in one.places), None)


def is_own(name: str) -> bool:
    """Whether this names a field of the table; anything else is a custom field."""
    return any(one.name == name for one in CONTACT_FIELDS)


def reserved_names() -> frozenset[str]:
    """Every name by which a field of the table is told: no custom field may bear one."""
    names = {one.name for one in CONTACT_FIELDS} | {"owner_id", "owner", "phone", "linked_account"}
    return frozenset(names.union(*(one.api_names for one in fields_at(Place.API))))


def field_of_header(word: str) -> str | None:
    """The field that the header of a file's column means ("First name", "E-Mail"), or None: a custom field."""
    folded = fold_name(word)
    for one in fields_at(Place.IMPORT):
        if folded in {fold_name(known) for known in (one.name, *one.aliases)}:
            return one.name
    return None


def field_of_trait(word: str) -> ContactField | None:
    """The field that the API means by this word (given_name, firstName), or None: a custom field."""
    return next((one for one in fields_at(Place.API) if word == one.name or word in one.api_names), None)


def fold_name(word: str) -> str:
    """A field's name without case, spaces, hyphens and underscores."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())
