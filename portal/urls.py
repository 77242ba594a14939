"""Pages of the audience, under /p/<workspace>/."""

from django.urls import path

from portal import relationship

app_name = "portal"
urlpatterns = [
    path("<slug:slug>/", relationship.mail_me, name="mail_me"),
    path("<slug:slug>/me/<str:token>/", relationship.relationship, name="relationship"),
    path("<slug:slug>/me/<str:token>/package/<int:pk>/", relationship.own_package, name="own_package"),
]
