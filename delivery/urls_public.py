"""What emails point to: the pixel, the links, the stop page. No login, no session."""

from django.urls import path

from delivery import views_public, views_returns

urlpatterns = [
    path("o/<str:token>", views_public.pixel, name="letter_pixel"),
    path("c/<str:token>", views_public.click, name="letter_click"),
    path("u/<str:token>", views_public.stop, name="letter_stop"),
    path("texts/status/<str:token>/", views_returns.text_status, name="text_status"),
    path("texts/answers/<str:token>/", views_returns.text_answer, name="text_answer"),
    path("texts/<str:token>/", views_returns.text_inbound, name="text_inbound"),
    path("returns/<str:token>/", views_returns.provider_events, name="provider_events"),
]
