from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contacts import panels, tasks  # noqa: F401, PLC0415 - the registry must be ready
        from contacts.models import ImportRun  # noqa: PLC0415 - models must be ready
        from contacts.segments import leaves  # noqa: PLC0415
        from workspaces.navigation import entry  # noqa: PLC0415
        from workspaces.panels import panel  # noqa: PLC0415
        from workspaces.setting_up import step  # noqa: PLC0415

        leaves.register()
        step(
            30,
            _("Bring your people in"),
            _("A file from your shop or your mail program"),
            "contacts:imports",
            lambda workspace: ImportRun.objects.filter(state=ImportRun.State.DONE).exists() or workspace.is_demo,
        )
        entry(20, _("Contacts"), "users", "contacts:list", "contacts.see")
        entry(21, _("Look somebody up"), "search", "contacts:look_up", "contacts.look_up", unless="contacts.see")
        entry(30, _("Segments"), "filter", "segments:list", "segments.see")
        panel("contact.right", 10, panels.may_write_panel, "contacts/panels/may_write.html")
        panel("contact.right", 20, panels.consents_panel, "contacts/panels/consents.html")
        panel("contact.right", 30, panels.identities_panel, "contacts/panels/identities.html")
        panel("contact.left", 30, panels.fields_panel, "contacts/panels/fields.html")
        panel("contact.left", 40, panels.notes_panel, "contacts/panels/notes.html")
