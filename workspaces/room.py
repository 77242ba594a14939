"""What the ground floor offers: settings, members, keys, the audit log, the first steps."""

from django.utils.translation import gettext_lazy as _

from lib.offers import Action, ApiRouter, NavigationEntry, PersonalData, SettingsPage, SetupStep
from lib.room import Room
from workspaces import audit_chain, events, kept_figures
from workspaces.api.replaying import forget_words, gather_answers
from workspaces.models import Membership, Workspace
from workspaces.notices import mailing, noticing, pushing
from workspaces.webhooks import delivering


def has_address(workspace: Workspace) -> bool:
    """The brand says where it lives."""
    return bool(workspace.postal_address)


def has_colleagues(workspace: Workspace) -> bool:
    """More than one person works here."""
    return Membership.objects.filter(workspace=workspace).count() > 1


room = Room(
    name="workspaces",
    works={
        audit_chain.WORK: audit_chain.seal_audit,
        kept_figures.WORK: kept_figures.keep_figures,
        events.FORGETTING: events.forget_events,
        events.DELIVERING: delivering.deliver_webhooks,
        noticing.MAILING: mailing.mail_notices,
        noticing.PUSHING: pushing.push_notices,
    },
    api_routers=[ApiRouter(90, "events", _("Events"), "workspaces.api.events.router", only_reads=True)],
    personal_data=[
        PersonalData(
            130,
            _("Answers of the API, kept for a day"),
            ("workspaces_apianswer",),
            gather_answers,
            forget_words,
        ),
    ],
    navigation=[
        NavigationEntry(
            90,
            _("Settings"),
            "settings",
            "workspaces:settings",
            "workspace.settings",
            foot=True,
            also=_("preferences configuration admin"),
        ),
    ],
    settings_pages=[
        SettingsPage(
            10,
            _("Brand"),
            "settings",
            "workspaces:settings",
            "workspace.settings",
            _("name logo colour address language"),
        ),
        SettingsPage(
            30,
            _("Members and roles"),
            "users",
            "workspaces:members",
            "workspace.members",
            _("team users colleagues permissions roles"),
        ),
        SettingsPage(
            40,
            _("Keys and snippet"),
            "key",
            "workspaces:keys",
            "workspace.keys",
            _("api token snippet tracking code developers"),
        ),
        SettingsPage(
            45,
            _("Webhooks"),
            "webhook",
            "workspaces:webhooks",
            "workspace.keys",
            _("api events http callbacks notifications developers"),
        ),
        SettingsPage(50, _("Audit log"), "list", "workspaces:audit", "workspace.audit", _("history who did what")),
        SettingsPage(60, _("Database admin"), "database", "admin:index", "workspace.admin", _("rows django tables")),
    ],
    actions=[
        Action(
            _("Invite a colleague"), "user-plus", "workspaces:members", "workspace.members", _("add user team member")
        ),
        Action(_("Make a key"), "key", "workspaces:keys", "workspace.keys", _("api token")),
    ],
    setup_steps=[
        SetupStep(
            10,
            _("Describe your brand"),
            _("A postal address stands in every email."),
            "workspaces:settings",
            has_address,
        ),
        SetupStep(
            70, _("Invite a colleague"), _("Answers are quicker with two."), "workspaces:members", has_colleagues
        ),
    ],
)
