"""The twelve mail clients that an email is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """`key` is its name in support.json, in whose order they stand here."""

    key: str
    name: str


CLIENTS = (
    Client("apple_mail", "Apple Mail"),
    Client("ios_mail", "iOS Mail"),
    Client("gmail_web", "Gmail (web)"),
    Client("gmail_android", "Gmail (Android)"),
    Client("outlook_2019", "Outlook 2019 (Windows)"),
    Client("outlook_mac", "Outlook (Mac)"),
    Client("outlook_com", "Outlook.com"),
    Client("yahoo", "Yahoo Mail"),
    Client("thunderbird", "Thunderbird"),
    Client("samsung", "Samsung Email"),
    Client("gmx", "GMX"),
    Client("proton", "Proton Mail"),
)
WORD = "outlook_2019"  # lays out with Word, and reads what stands in comments for it alone
