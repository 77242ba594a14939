"""Pages of the audience, under /p/<workspace>/."""

from django.urls import path

from portal import confirm_pages, push_pages, receipt_pages, relationship, sign_up_pages

app_name = "portal"
urlpatterns = [
    path("<slug:slug>/", relationship.mail_me, name="mail_me"),
    path("<slug:slug>/me/<str:token>/", relationship.relationship, name="relationship"),
    path("<slug:slug>/push/", push_pages.page, name="push"),
    path("<slug:slug>/push/worker.js", push_pages.worker, name="push_worker"),
    path("<slug:slug>/push/door/", push_pages.door, name="push_door"),
    path("<slug:slug>/receipts/", receipt_pages.receipts, name="receipts"),
    path("<slug:slug>/me/<str:token>/receipt.json", receipt_pages.own_receipt, name="own_receipt"),
    path("<slug:slug>/me/<str:token>/package/<int:pk>/", relationship.own_package, name="own_package"),
    path("<slug:slug>/forms/<slug:form_slug>/", sign_up_pages.form_page, name="form"),
    path("<slug:slug>/forms/<slug:form_slug>/embed/", sign_up_pages.form_embedded, name="form_embedded"),
    path("<slug:slug>/address/<str:sealed>/", relationship.new_address, name="new_address"),
    path("<slug:slug>/confirm/<str:token>/", confirm_pages.confirm_page, name="confirm"),
]
