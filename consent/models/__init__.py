"""What people consented to, which addresses are never written to again, and the forms by which people sign up."""

from consent.models.permission import (
    Basis,
    Consent,
    ConsentNow,
    ConsentWording,
    ContactHours,
    ContactRules,
    Suppression,
    Topic,
    TrackingConsent,
)
from consent.models.sign_up_forms import FormVersion, SignUp, SignUpForm

__all__ = [
    "Basis",
    "Consent",
    "ConsentNow",
    "ConsentWording",
    "ContactHours",
    "ContactRules",
    "FormVersion",
    "SignUp",
    "SignUpForm",
    "Suppression",
    "Topic",
    "TrackingConsent",
]
