"""What the room of people offers: the page of one person, and looking somebody up."""

from django.utils.translation import gettext_lazy as _

from contacts import columns, events, owning, panels, quality
from contacts import personal_data as personal
from contacts.companies.knowing import find_companies
from contacts.custom_fields.knowing import HELD, count_held
from contacts.duplicates import finding
from contacts.long_changes import beginning, going_on
from contacts.noting import NAMED_IN_NOTES
from lib.offers import Action, ApiRouter, MemberDuty, NavigationEntry, Panel, PersonalData
from lib.room import Room

NOTES = ("contacts_note", "contacts_notemention", "contacts_noteattachment")

room = Room(
    name="contacts",
    navigation=[
        NavigationEntry(
            21,
            _("Look somebody up"),
            "search",
            "contacts:look_up",
            "contacts.look_up",
            unless="contacts.see",
            also=_("find people person customer contact"),
        ),
    ],
    works={finding.WORK: finding.search_tonight, beginning.WORK: going_on.go_on},
    kept_figures={HELD: count_held},
    notice_kinds=[NAMED_IN_NOTES],
    palette_finders=[find_companies],
    list_columns=columns.COLUMNS,
    member_duties=[MemberDuty(owning.owned_count, owning.owned_in_words, owning.hand_on_people)],
    people_pages=[
        NavigationEntry(
            15,
            _("Companies"),
            "building",
            "contacts:companies",
            "contacts.see",
            also=_("company organisation account employer firm"),
        ),
        NavigationEntry(
            70,
            _("Fields"),
            "forms",
            "contacts:fields",
            "contacts.fields",
            also=_("custom field attribute property type choice"),
        ),
        NavigationEntry(
            30,
            _("Duplicates"),
            "git-merge",
            "contacts:duplicates",
            "contacts.edit",
            count=finding.waiting_count,
            also=_("merge dedupe double twin"),
        ),
    ],
    event_types={
        events.CHANGED: _("People are new, or something about them changed"),
        events.LINKED: _("Contacts turned out to be one person, or parted again"),
    },
    api_routers=[
        ApiRouter(10, "contacts", _("Contacts"), "contacts.api.people.router"),
        ApiRouter(11, "contacts", _("Contacts"), "contacts.api.belonging.router"),
        ApiRouter(13, "contacts", _("Contacts"), "contacts.api.history.router"),
        ApiRouter(12, "contacts", _("Contacts"), "contacts.api.sameness.router"),
        ApiRouter(13, "contacts", _("Contacts"), "contacts.api.fields.router"),
        ApiRouter(14, "contacts", _("Contacts"), "contacts.api.companies.router"),
    ],
    actions=[Action(_("New contact"), "user-plus", "contacts:new", "contacts.edit", _("add person create"))],
    panels=[
        Panel("contact.right", 30, panels.identities_panel, "contacts/panels/identities.html"),
        Panel("contact.left", 24, panels.owner_panel, "contacts/panels/owner.html"),
        Panel("contact.left", 25, panels.companies_panel, "contacts/companies/panel.html"),
        Panel("contact.left", 29, panels.custom_fields_panel, "contacts/custom_fields/panel.html"),
        Panel("contact.left", 30, panels.fields_panel, "contacts/panels/fields.html"),
        Panel("contact.left", 50, panels.history_panel, "contacts/panels/history.html"),
        Panel("home.side", 5, panels.mentions_panel, "contacts/panels/mentions.html"),
        Panel("inbox.card", 5, panels.card_panel, "contacts/panels/card_tags.html", "contacts.see"),
        Panel("members.top", 10, panels.handing_on_panel, "contacts/long_changes/lines.html"),
        Panel("contact.right", 40, panels.notes_panel, "contacts/panels/notes.html"),
    ],
    quality_figures=quality.FIGURES,
    personal_data=[
        PersonalData(
            10,
            _("Who they are"),
            (
                "contacts_contact",
                "contacts_fieldvalue",
                "contacts_audiencerole",
                "contacts_tag",
                "contacts_searchterm",
            ),
            personal.gather_who,
            personal.erase_who,
            _("A row without a word, so that counts of past campaigns do not change"),
        ),
        PersonalData(
            20,
            _("How we know it is them"),
            ("contacts_identity",),
            personal.gather_identities,
            personal.erase_identities,
            _("The hash of each address, so that no import brings them back"),
        ),
        PersonalData(
            26,
            _("What changed of them"),
            ("contacts_fieldchange",),
            personal.gather_history,
            personal.erase_history,
            _("Which of our fields changed when, without what stood there"),
        ),
        PersonalData(
            25, _("Companies they are at"), ("contacts_position",), personal.gather_companies, personal.erase_companies
        ),
        PersonalData(
            31,
            _("Unsent drafts to them"),
            ("contacts_composerdraft", "contacts_draftfile"),
            personal.gather_drafts,
            personal.erase_drafts,
        ),
        PersonalData(30, _("Notes"), NOTES, personal.gather_notes, personal.erase_notes),
        PersonalData(
            40,
            _("Taken for one person"),
            ("contacts_merged", "contacts_mergerecord", "contacts_duplicatepair"),
            personal.gather_merges,
            personal.erase_merges,
            _("That two records are one person, so that both stay erased"),
        ),
    ],
)
