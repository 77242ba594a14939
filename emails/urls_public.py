"""What emails show and what is shown of them: pictures, emails in the browser, files for calendars. No login, no session."""

from django.urls import path

from emails import views_public

urlpatterns = [
    path("i/<int:workspace_id>/<str:name>", views_public.picture, name="email_picture"),
    path("e/calendar/<str:token>/event.ics", views_public.calendar, name="calendar_file"),
    path("e/<int:workspace_id>/<str:key>/", views_public.hosted, name="hosted_email"),
]
