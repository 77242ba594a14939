"""What the room of files offers: bringing in people, and what they did."""

from django.utils.translation import gettext_lazy as _

from imports import personal_data as personal
from imports import starting, tasks
from imports.models import ImportRun
from imports.presets import (
    activecampaign,
    brevo,
    eventbrite,
    german_excel,
    google,
    hubspot,
    klaviyo,
    listmonk,
    mailchimp,
    mautic,
    outlook,
    plain_attendance,
    plain_orders,
    shopify_orders,
    woocommerce_orders,
)
from lib.offers import Action, ApiRouter, NavigationEntry, PersonalData, SetupStep
from lib.room import Room
from workspaces.models import Workspace


def has_imported(workspace: Workspace) -> bool:
    """A file has come in, or this is the demo."""
    return workspace.is_demo or ImportRun.objects.filter(state=ImportRun.State.DONE).exists()


room = Room(
    name="imports",
    works={starting.WORK: tasks.run_imports, starting.FORGETTING: tasks.forget_files},
    api_routers=[ApiRouter(40, "imports", _("Imports"), "imports.api.imports.router")],
    people_pages=[NavigationEntry(60, _("Imports"), "file-import", "imports:list", "contacts.import")],
    actions=[
        Action(_("Import people"), "file-import", "imports:list", "contacts.import", _("csv upload file contacts")),
        Action(
            _("Import orders or attendance"),
            "receipt",
            "imports:list",
            "contacts.import",
            _("csv upload file purchases shopify woocommerce eventbrite event attendees"),
        ),
    ],
    import_presets=[
        shopify_orders.PRESET,
        woocommerce_orders.PRESET,
        eventbrite.PRESET,
        plain_orders.PRESET,
        plain_attendance.PRESET,
        mailchimp.PRESET,
        hubspot.PRESET,
        klaviyo.PRESET,
        activecampaign.PRESET,
        brevo.PRESET,
        mautic.PRESET,
        listmonk.PRESET,
        google.PRESET,
        outlook.PRESET,
        german_excel.PRESET,
    ],
    setup_steps=[
        SetupStep(
            30,
            _("Bring your people in"),
            _("A file from your shop or your email program"),
            "imports:list",
            has_imported,
        ),
    ],
    personal_data=[
        PersonalData(
            90,
            _("Lines of imported files"),
            ("imports_importedrow",),
            personal.gather_rows,
            personal.erase_rows,
            _("That a line made somebody, for the sums of the import"),
        ),
        PersonalData(
            91,
            _("Orders and visits as files told them"),
            ("imports_importedrecord",),
            personal.gather_records,
            personal.erase_records,
            _("That there was an order or a visit, so that no later file brings it again"),
        ),
    ],
)
