"""What the room of files offers: bringing people in."""

from django.utils.translation import gettext_lazy as _

from imports import personal_data as personal
from imports import starting, tasks
from imports.models import ImportRun
from imports.presets import (
    activecampaign,
    brevo,
    german_excel,
    google,
    hubspot,
    klaviyo,
    listmonk,
    mailchimp,
    mautic,
    outlook,
)
from lib.offers import Action, ApiRouter, NavigationEntry, PersonalData, SetupStep
from lib.rooms import Room
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
        Action(_("Import people"), "file-import", "imports:list", "contacts.import", _("csv upload file contacts"))
    ],
    import_presets=[
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
    ],
)
