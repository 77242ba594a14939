"""What the privacy desk offers: requests by law with their clock, packages, erasures, how long what is kept."""

from django.utils.translation import gettext_lazy as _

from lib.offers import NavigationEntry, Panel, PersonalData
from lib.room import Room
from privacy import erasing, packing, panels
from privacy import personal_data as personal
from privacy.listing import open_count

room = Room(
    name="privacy",
    works={
        packing.WORK: packing.make_packages,
        packing.FORGETTING: packing.forget_packages,
        erasing.AGAIN: erasing.erase_what_came,
    },
    people_pages=[
        NavigationEntry(
            80,
            _("Privacy desk"),
            "shield-lock",
            "privacy:desk",
            "contacts.privacy",
            count=open_count,
            also=_("gdpr access erase export data request right to be forgotten"),
        ),
    ],
    panels=[
        Panel("contact.right", 95, panels.requests_panel, "privacy/panels/requests.html", "contacts.privacy"),
    ],
    personal_data=[
        PersonalData(
            60,
            _("What they asked by law"),
            ("privacy_privacyrequest",),
            personal.gather_requests,
            personal.erase_requests,
            _("That they asked and were answered: ids and moments"),
        ),
    ],
)
