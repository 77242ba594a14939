from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.panels import own_page_panel  # noqa: PLC0415 - models must be ready
        from workspaces.panels import panel  # noqa: PLC0415

        panel("contact.right", 90, own_page_panel, "portal/panels/own_page.html", permission="contacts.edit")
