"""Pages about how emails look."""

from django.urls import path

from emails.views import kits, library, pictures

app_name = "emails"
urlpatterns = [
    path("brand-kit/", kits.kit, name="kit"),
    path("brand-kit/contrasts/", kits.contrasts, name="contrasts"),
    path("brand-kit/preview/", kits.preview, name="preview"),
    path("brand-kit/reset/", kits.reset, name="reset_kit"),
    path("library/", library.items, name="library"),
    path("library/new/", library.new, name="new_item"),
    path("library/<int:pk>/", library.item, name="item"),
    path("library/<int:pk>/archive/", library.archive, name="archive_item"),
    path("library/<int:pk>/remove/", library.remove, name="remove_item"),
    path("pictures/", pictures.pictures, name="pictures"),
    path("pictures/upload/", pictures.upload, name="upload"),
    path("pictures/picker/", pictures.picker, name="picker"),
    path("pictures/<int:pk>/alt/", pictures.alt, name="alt"),
    path("pictures/<int:pk>/remove/", pictures.remove, name="remove_picture"),
]
