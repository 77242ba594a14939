"""Pages of the floor inside a workspace."""

from django.urls import path

from workspaces.views import inside, notice_browsers, notices, webhooks

app_name = "workspaces"
urlpatterns = [
    path("settings/", inside.settings, name="settings"),
    path("settings/members/", inside.members, name="members"),
    path("settings/members/<int:pk>/role/", inside.change_role, name="change_role"),
    path("settings/members/<int:pk>/remove/", inside.remove_member, name="remove_member"),
    path("settings/invitations/<int:pk>/revoke/", inside.revoke_invitation, name="revoke_invitation"),
    path("settings/keys/", inside.keys, name="keys"),
    path("settings/keys/<int:pk>/revoke/", inside.revoke, name="revoke_key"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/enable/", webhooks.enable, name="enable_webhook"),
    path("settings/webhooks/<int:pk>/disable/", webhooks.disable, name="disable_webhook"),
    path("settings/webhooks/<int:pk>/remove/", webhooks.remove, name="remove_webhook"),
    path("settings/webhooks/deliveries/<int:pk>/again/", webhooks.again, name="send_webhook_again"),
    path("settings/audit/", inside.audit_log, name="audit"),
    path("settings/demo/", inside.demo, name="demo"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.see_all, name="see_notices"),
    path("notices/mail/", notices.mail_choice, name="notice_mail"),
    path("notices/browsers/", notice_browsers.door, name="notice_browsers"),
    path("notices/browsers/<int:pk>/try/", notice_browsers.try_out, name="try_browser"),
    path("notices/browsers/<int:pk>/end/", notice_browsers.end, name="end_browser"),
    path("notices/worker.js", notice_browsers.worker, name="notice_worker"),
    path("notices/<int:pk>/", notices.open_notice, name="notice"),
    path("palette/", inside.palette, name="palette"),
]
