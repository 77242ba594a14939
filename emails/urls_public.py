"""What emails show: pictures. No login, no session."""

from django.urls import path

from emails import views_public

urlpatterns = [path("i/<int:workspace_id>/<str:name>", views_public.picture, name="email_picture")]
