"""The form with which somebody who was invited makes their account."""

from zoneinfo import available_timezones

from allauth.account.forms import SignupForm
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workspaces.accounts import open_invitation
from workspaces.models import User


class InvitedForm(SignupForm):
    """Name and password. The address is the one the invitation went to; the time zone is what the browser says."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        help_text=gettext_lazy("As colleagues call you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    zone = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput(attrs={"data-browser-zone": ""}))
    field_order = ("name", "email", "password1", "password2", "zone")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        invitation = open_invitation(context.request)
        if invitation:
            self.fields["email"].initial = invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        """Another address than that of the invitation would make an account that is a member of nothing."""
        invitation = open_invitation(context.request)
        if invitation and self.cleaned_data["email"].lower() != invitation.email:
            raise ValidationError(_("The invitation is for %(email)s."), params={"email": invitation.email})
        return str(super().clean_email())

    def clean_zone(self) -> str:
        """A zone that we know; whatever else a browser says counts for nothing."""
        zone: str = self.cleaned_data["zone"]
        return zone if zone in available_timezones() else ""

    def save(self, request: HttpRequest) -> User:
        """The account, a member already where the invitation says."""
        user: User = super().save(request)
        user.name, user.zone = self.cleaned_data["name"], self.cleaned_data["zone"]
        user.save(update_fields=["name", "zone"])
        return user
