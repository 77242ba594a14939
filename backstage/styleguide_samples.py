"""What the styleguide shows in its components."""

from datetime import UTC, datetime

NAV = [
    {"name": "Home", "icon": "home", "url": "/", "count": 0, "current": True, "foot": False},
    {"name": "Contacts", "icon": "users", "url": "#contacts", "count": 0, "current": False, "foot": False},
    {"name": "Segments", "icon": "filter", "url": "#segments", "count": 0, "current": False, "foot": False},
    {"name": "Inbox", "icon": "inbox", "url": "#inbox", "count": 23, "current": False, "foot": False},
    {"name": "Programmes", "icon": "target-arrow", "url": "#programmes", "count": 0, "current": False, "foot": False},
    {"name": "Campaigns", "icon": "send", "url": "#campaigns", "count": 0, "current": False, "foot": False},
    {"name": "Engagement", "icon": "activity", "url": "#engagement", "count": 0, "current": False, "foot": False},
    {"name": "Settings", "icon": "settings", "url": "#settings", "count": 0, "current": False, "foot": True},
]

_NAMES = (
    "31 Aug",
    "7 Sep",
    "14 Sep",
    "21 Sep",
    "28 Sep",
    "5 Oct",
    "12 Oct",
    "19 Oct",
    "26 Oct",
    "2 Nov",
    "9 Nov",
    "16 Nov",
)
_VALUES = {
    "involvement": (38, 38, 39, 37, 39, 40, 47, 49, 46, 44, 44, 45),
    "interaction": (27, 28, 27, 29, 28, 30, 31, 34, 35, 34, 36, 37),
    "intimacy": (34, 35, 34, 33, 34, 35, 35, 34, 32, 30, 29, 30),
    "influence": (22, 22, 23, None, None, 22, 24, 24, 26, 27, 28, 29),
}
WEEKS = {kind: list(zip(_NAMES, values, strict=True)) for kind, values in _VALUES.items()}

RETENTION = [
    ("July", 1390, [15, 21, 24, 29]),
    ("August", 1508, [16, 22, 27, None]),
    ("September", 2204, [18, 25, None, None]),
    ("October", 2871, [19, None, None, None]),
]
FUNNEL = [
    ("In the segment", 41860),
    ("May be written to", 36628),
    ("Handed over", 22914),
    ("Arrived", 22742),
    ("Read by people", 9551),
    ("Clicked by people", 2104),
    ("Ordered", 611),
]

EVENTS = [
    {
        "direction": "in",
        "icon": "brand-mastodon",
        "channel": "Mastodon, from her",
        "title": "She asked in public",
        "kinds": ["interaction"],
        "sentiment": "positive",
        "public": True,
        "lines": ["14 boosts", "Answer due today 10:20"],
        "text": "Does the new gooseneck spout fit the 0.6 l as well?",
        "at": datetime(2026, 11, 18, 15, 20, tzinfo=UTC),
    },
    {
        "direction": "in",
        "icon": "mail",
        "channel": "Email, from her",
        "title": "She wrote to us",
        "kinds": ["intimacy", "interaction"],
        "sentiment": "negative",
        "public": False,
        "text": "The Assam came soaked, the second time this autumn.",
        "at": datetime(2026, 11, 12, 9, 52, tzinfo=UTC),
    },
    {
        "direction": "out",
        "icon": "mail",
        "channel": "Email, from us",
        "title": "Ife answered",
        "public": None,
        "kinds": ["interaction"],
        "text": "Dear Greta, that is on us. A new tin leaves today.",
        "lines": ["After 1 h 52 min"],
        "at": datetime(2026, 11, 12, 11, 44, tzinfo=UTC),
    },
    {
        "direction": "in",
        "icon": "building-store",
        "channel": "Shop, from her",
        "public": None,
        "sentiment": "unclear",
        "title": "Bought at the Haga shop, € 38",
        "kinds": ["involvement"],
        "at": datetime(2026, 10, 9, 16, 40, tzinfo=UTC),
    },
]

SETUP = [
    {"name": "Name your brand", "url": "#brand", "done": True},
    {"name": "Send yourself a test email", "url": "#sender", "done": True},
    {"name": "Bring your people", "url": "#import", "done": False, "why": "A CSV from your shop or newsletter tool."},
    {"name": "Connect a channel", "url": "#channel", "done": False, "why": "So that mentions land in your inbox."},
]
STEPS_OF_ASKING = [
    {"ok": False, "text": "Open complaint since 12 Nov", "small": "Ends when resolved, or on 26 Nov"},
    {"ok": True, "text": "Agreed to offers", "small": "Ticked at checkout, 19 Jun 2023"},
    {"ok": True, "text": "Address works, no objection, no pause", "small": ""},
]
