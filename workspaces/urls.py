"""Outside a workspace: where to go after login, invitations, the demo's door."""

from django.urls import path

from workspaces.views import logo, notice_browsers, outside

urlpatterns = [
    path("", outside.landing, name="landing"),
    path("join/<str:token>/", outside.accept_invitation, name="accept_invitation"),
    path("account/", outside.account, name="account"),
    path("demo/enter/", outside.enter_demo, name="enter_demo"),
    path("workspaces/new/", outside.new_workspace, name="new_workspace"),
    path("logo/<slug:slug>.png", logo.logo, name="logo"),
    path("notices/<slug:slug>/moved/", notice_browsers.moved, name="browser_moved"),
]
