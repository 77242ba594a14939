"""Where browsers tell us that they take notifications, or no more."""

from django.urls import path

from messengers.push.doors import site_door

urlpatterns = [path("<str:key>/", site_door, name="push_door")]
