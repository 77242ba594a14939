"""What a workspace's inbox holds on its first day: twelve answers we give often, in English and in German."""

# ruff: noqa: E501 - sentences stay in one piece
from conversations.models import CannedReply
from workspaces.models import Workspace

CANNED = {
    "en": [
        ("Thank you", "Thank you, {name}. That made our day."),
        ("Sorry, and what happens next", "I am sorry, {name}. That should not happen. I am looking into it now and will write to you again today."),
        ("Replacement is on its way", "A replacement leaves today, {name}. You need not send anything back."),
        ("Ask for the order number", "Could you send me your order number, {name}? Then I can look it up at once."),
        ("Let us write privately", "I would like to look into this with you, {name}. Please write to us privately, so that your details stay yours."),
        ("Good question, one moment", "Good question, {name}. I am asking the people who know, and come back to you today."),
    ],
    "de": [
        ("Danke", "Danke, {name}. Das freut uns sehr."),
        ("Entschuldigung, und wie es weitergeht", "Das tut mir leid, {name}. Das darf nicht passieren. Ich kümmere mich jetzt darum und schreibe heute noch einmal."),
        ("Ersatz ist unterwegs", "Ein Ersatz geht heute raus, {name}. Zurückschicken ist nicht nötig."),
        ("Nach der Bestellnummer fragen", "Wie lautet die Bestellnummer, {name}? Dann sehe ich sofort nach."),
        ("Lieber privat", "Das möchte ich gern klären, {name}. Bitte schreiben Sie uns privat, damit Ihre Daten bei Ihnen bleiben."),
        ("Gute Frage, einen Moment", "Gute Frage, {name}. Ich frage nach und melde mich heute noch."),
    ],
}  # fmt: skip


def create_default_replies(workspace: Workspace) -> None:
    """News: a workspace was founded. May be repeated."""
    if CannedReply.objects.exists():
        return
    CannedReply.objects.bulk_create(
        CannedReply(language=language, title=title, text=text)
        for language, replies in CANNED.items()
        for title, text in replies
    )
