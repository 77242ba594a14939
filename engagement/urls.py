"""Home and engagement, inside a workspace."""

from django.urls import path

from engagement import views
from engagement.interests import views as interests

app_name = "engagement"
urlpatterns = [
    path("", views.home, name="home"),
    path("engagement/", views.overview, name="overview"),
    path("engagement/model/", views.model, name="model"),
    path("engagement/annotations/", views.annotate, name="annotate"),
    path("engagement/annotations/<int:pk>/remove/", views.remove_annotation, name="remove_annotation"),
    path("settings/interests/", interests.interests, name="interests"),
    path("settings/interests/add/", interests.add_tag, name="add_interest"),
    path("settings/interests/pages/", interests.set_rule, name="interest_rule"),
    path("settings/interests/<int:pk>/", interests.edit_tag, name="interest"),
    path("settings/interests/<int:pk>/rename/", interests.rename_tag, name="rename_interest"),
    path("settings/interests/<int:pk>/merge/", interests.merge_tag, name="merge_interest"),
    path("settings/interests/<int:pk>/remove/", interests.remove_tag, name="remove_interest"),
    path("contacts/<int:pk>/interests/", interests.say, name="say_interest"),
]
