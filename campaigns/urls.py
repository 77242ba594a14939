"""Campaigns and senders, inside a workspace."""

from django.urls import path

from campaigns.views import beginning, campaigns, dry_runs, editing, email_blocks, standing, steps

app_name = "campaigns"
urlpatterns = [
    path("", campaigns.listing, name="list"),
    path("new/", editing.new, name="new"),
    path("dry-runs/<int:segment_pk>/", dry_runs.dry_run, name="dry_run"),
    path("dry-runs/<int:segment_pk>/<slug:code>/", dry_runs.people, name="dry_run_people"),
    path("<int:pk>/", campaigns.page, name="page"),
    path("<int:pk>/edit/", editing.edit, name="edit"),
    path("<int:pk>/begin/", beginning.begin, name="begin"),
    path("<int:pk>/begin/<slug:key>/", beginning.template, name="template"),
    path("<int:pk>/email/", email_blocks.email, name="email"),
    path("<int:pk>/email/preview/", email_blocks.preview, name="email_preview"),
    path("<int:pk>/email/holds/", email_blocks.holds, name="email_holds"),
    path("<int:pk>/email/picks/<str:block>/", email_blocks.picks, name="email_picks"),
    path("<int:pk>/email/who/", email_blocks.who, name="email_who"),
    path("<int:pk>/email/history/", email_blocks.history, name="email_history"),
    path("<int:pk>/email/history/<int:number>/", email_blocks.bring_back, name="email_bring_back"),
    path("<int:pk>/remove/", editing.remove, name="remove"),
    path("<int:pk>/preview/", editing.preview, name="preview"),
    path("<int:pk>/test/", steps.test, name="test"),
    path("<int:pk>/approve/", steps.approve, name="approve"),
    path("<int:pk>/take-back/", steps.take_back, name="take_back"),
    path("<int:pk>/schedule/", steps.schedule, name="schedule"),
    path("<int:pk>/when/", standing.when, name="when"),
    path("<int:pk>/once/", standing.once, name="once"),
    path("<int:pk>/start/", standing.begin, name="start"),
    path("<int:pk>/end/", standing.finish, name="end"),
    path("<int:pk>/version/", standing.version, name="version"),
    path("<int:pk>/pause/", steps.pause, name="pause"),
    path("<int:pk>/resume/", steps.resume, name="resume"),
    path("<int:pk>/cancel/", steps.cancel, name="cancel"),
    path("<int:pk>/look-up/", campaigns.look_up, name="look_up"),
    path("<int:pk>/doubts/", campaigns.doubts, name="doubts"),
    path("<int:pk>/doubts/<int:delivery_pk>/", campaigns.resolve, name="resolve"),
]
