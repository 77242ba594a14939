"""Where browsers and those who carry our messages tell of them. No login, no session."""

from django.urls import path

from messengers import views_public
from messengers.push.doors import site_door

urlpatterns = [
    path("v1/push/<str:key>/", site_door, name="push_door"),
    path("chats/whatsapp/<str:token>/", views_public.whatsapp_hook, name="whatsapp_hook"),
    path("chats/rcs/<str:token>/", views_public.rcs_hook, name="rcs_hook"),
]
