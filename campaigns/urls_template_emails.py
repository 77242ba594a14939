"""The editor of blocks for a transactional email; the same views as for a campaign's."""

from django.urls import path

from campaigns.views import email_blocks, email_company, email_fields, template_emails

app_name = "template_emails"
urlpatterns = [
    path("<int:pk>/email/", email_blocks.email, name="email"),
    path("<int:pk>/email/begin/", template_emails.begin, name="begin"),
    path("<int:pk>/email/preview/", email_blocks.preview, name="preview"),
    path("<int:pk>/email/holds/", email_blocks.holds, name="holds"),
    path("<int:pk>/email/picks/<str:block>/", email_blocks.picks, name="picks"),
    path("<int:pk>/email/who/", email_blocks.who, name="who"),
    path("<int:pk>/email/fields/", email_fields.filled, name="fields"),
    path("<int:pk>/email/here/", email_company.here, name="here"),
    path("<int:pk>/email/history/", email_blocks.history, name="history"),
    path("<int:pk>/email/history/<int:number>/", email_blocks.bring_back, name="bring_back"),
]
