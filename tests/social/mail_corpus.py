"""Emails as twelve mail programs write them in six languages: what people wrote, above, below or between what they quote.

Made by hand after what these programs put above what they quote: the sentence or the head, the marks, the containers of
their HTML. Each case knows what its writer wrote.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape

WHO, ADDRESS = "Kettle & Co", "hello@kettle.example"
NAMED = f"{WHO} <{ADDRESS}>"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")

# What they wrote: short, long with traps in it, and with a greeting. Then what we had written, and their signature.
OWN = {
    "en": (
        "Thanks, that works.",
        "Hello,\n\nthe lid broke on Monday. From: the very first day it was loose.\nMy wife wrote to you: no answer.\n"
        "On the phone I was told two things:\n- send it back\n- wait\n\nWhat now?",
        "Please cancel my order 4711.\n\nKind regards\nAnna",
    ),
    "de": (
        "Danke, das klappt.",
        "Guten Tag,\n\nder Deckel ist am Montag gebrochen. Von: Anfang an war er lose.\nMeine Frau schrieb Ihnen: keine "
        "Antwort.\nAm Telefon hieß es zweierlei:\n- zurückschicken\n- warten\n\nWas nun?",
        "Bitte stornieren Sie meine Bestellung 4711.\n\nMit freundlichen Grüßen\nAnna",
    ),
    "fr": (
        "Merci, ça marche.",
        "Bonjour,\n\nle couvercle s’est cassé lundi. De : le premier jour il bougeait.\nMa femme vous a écrit : pas de "
        "réponse.\nLe service m’a dit deux choses :\n- le renvoyer\n- attendre\n\nEt maintenant ?",
        "Merci d’annuler ma commande 4711.\n\nCordialement\nAnna",
    ),
    "es": (
        "Gracias, funciona.",
        "Hola:\n\nla tapa se rompió el lunes. De: el primer día estaba suelta.\nMi mujer les escribió: sin respuesta.\n"
        "El servicio me dijo dos cosas:\n- devolverla\n- esperar\n\n¿Y ahora?",
        "Por favor, cancelen mi pedido 4711.\n\nUn saludo\nAnna",
    ),
    "it": (
        "Grazie, funziona.",
        "Buongiorno,\n\nil coperchio si è rotto lunedì. Da: subito era allentato.\nMia moglie vi ha scritto: nessuna "
        "risposta.\nIl servizio mi ha detto due cose:\n- rispedirlo\n- aspettare\n\nE adesso?",
        "Vi prego di annullare il mio ordine 4711.\n\nCordiali saluti\nAnna",
    ),
    "nl": (
        "Bedankt, dat werkt.",
        "Goedendag,\n\nhet deksel brak maandag. Van: dag één zat het los.\nMijn vrouw schreef u: geen antwoord.\n"
        "Op de telefoon hoorde ik twee dingen:\n- terugsturen\n- wachten\n\nWat nu?",
        "Annuleer alstublieft mijn bestelling 4711.\n\nMet vriendelijke groet\nAnna",
    ),
}
OURS = {
    "en": "Dear Anna,\n\nis the new lid tight? Write to us.\n\nYour Kettle",
    "de": "Liebe Anna,\n\nsitzt der neue Deckel? Schreiben Sie uns.\n\nIhr Kettle",
    "fr": "Chère Anna,\n\nle nouveau couvercle tient-il ? Écrivez-nous.\n\nVotre Kettle",
    "es": "Querida Anna:\n\n¿cierra bien la tapa nueva? Escríbanos.\n\nSu Kettle",
    "it": "Cara Anna,\n\nil nuovo coperchio chiude bene? Ci scriva.\n\nIl Suo Kettle",
    "nl": "Beste Anna,\n\nsluit het nieuwe deksel? Schrijf ons.\n\nUw Kettle",
}
SIGNATURE = "Anna Tee\nTee GmbH, Hafen 4\nTel. +49 40 123456\nwww.tee.example"

# The sentence above a quote: program → language → words
SENTENCES = {
    "Gmail": {
        "en": f"On Mon, Nov 23, 2026 at 10:12 AM {NAMED} wrote:",
        "de": f"Am Mo., 23. Nov. 2026 um 10:12 Uhr schrieb {NAMED}:",
        "fr": f"Le lun. 23 nov. 2026 à 10:12, {NAMED} a écrit :",
        "es": f"El lun, 23 nov 2026 a las 10:12, {WHO} (<{ADDRESS}>) escribió:",
        "it": f"Il giorno lun 23 nov 2026 alle ore 10:12 {NAMED} ha scritto:",
        "nl": f"Op ma 23 nov 2026 om 10:12 schreef {NAMED}:",
    },
    "Apple Mail": {
        "en": f"On 23. Nov 2026, at 10:12, {NAMED} wrote:",
        "de": f"Am 23.11.2026 um 10:12 schrieb {NAMED}:",
        "fr": f"Le 23 nov. 2026 à 10:12, {NAMED} a écrit :",
        "es": f"El 23 nov 2026, a las 10:12, {NAMED} escribió:",
        "it": f"Il giorno 23 nov 2026, alle ore 10:12, {NAMED} ha scritto:",
        "nl": f"Op 23 nov. 2026 om 10:12 heeft {NAMED} het volgende geschreven:",
    },
    "Yahoo": {
        "en": f"On Monday, November 23, 2026 at 10:12:33 AM GMT+1, {NAMED} wrote:",
        "de": f"Am Montag, 23. November 2026 um 10:12:33 MEZ hat {NAMED} Folgendes geschrieben:",
        "fr": f"Le lundi 23 novembre 2026 à 10:12:33 UTC+1, {NAMED} a écrit :",
        "es": f"El lunes, 23 de noviembre de 2026, 10:12:33 CET, {NAMED} escribió:",
        "it": f"Il lunedì 23 novembre 2026 alle ore 10:12:33 CET, {NAMED} ha scritto:",
        "nl": f"Op maandag 23 november 2026 om 10:12:33 CET schreef {NAMED}:",
    },
    "Thunderbird": {
        "en": f"On 23/11/2026 10:12, {WHO} wrote:",
        "de": f"Am 23.11.26 um 10:12 schrieb {WHO}:",
        "fr": f"Le 23/11/2026 à 10:12, {WHO} a écrit :",
        "es": f"El 23/11/26 a las 10:12, {WHO} escribió:",
        "it": f"Il 23/11/26 10:12, {WHO} ha scritto:",
        "nl": f"Op 23-11-2026 om 10:12 schreef {WHO}:",
    },
    "Proton": {
        "en": f"On Monday, November 23rd, 2026 at 10:12 AM, {NAMED} wrote:",
        "de": f"{NAMED} schrieb am Montag, 23. November 2026 um 10:12:",
        "fr": f"Le lundi 23 novembre 2026 à 10:12, {NAMED} a écrit :",
        "es": f"El lunes, 23 de noviembre de 2026 a las 10:12, {NAMED} escribió:",
        "it": f"Il lunedì 23 novembre 2026 alle ore 10:12, {NAMED} ha scritto:",
        "nl": f"Op maandag 23 november 2026 om 10:12 schreef {NAMED}:",
    },
}
# The head of what is answered: from, sent, date, to, subject; and the line above it
LABELS = {
    "en": ("From", "Sent", "Date", "To", "Subject", "Original message"),
    "de": ("Von", "Gesendet", "Datum", "An", "Betreff", "Ursprüngliche Nachricht"),
    "fr": ("De", "Envoyé", "Date", "À", "Objet", "Message d'origine"),
    "es": ("De", "Enviado el", "Fecha", "Para", "Asunto", "Mensaje original"),
    "it": ("Da", "Inviato", "Data", "A", "Oggetto", "Messaggio originale"),
    "nl": ("Van", "Verzonden", "Datum", "Aan", "Onderwerp", "Oorspronkelijk bericht"),
}
DAYS = {
    "en": "Monday, November 23, 2026 10:12 AM",
    "de": "Montag, 23. November 2026 10:12",
    "fr": "lundi 23 novembre 2026 10:12",
    "es": "lunes, 23 de noviembre de 2026 10:12",
    "it": "lunedì 23 novembre 2026 10:12",
    "nl": "maandag 23 november 2026 10:12",
}
# What a phone or a program adds below
ADDED = {
    "iOS Mail": {
        "en": "Sent from my iPhone",
        "de": "Von meinem iPhone gesendet",
        "fr": "Envoyé de mon iPhone",
        "es": "Enviado desde mi iPhone",
        "it": "Inviato da iPhone",
        "nl": "Verstuurd vanaf mijn iPhone",
    },
    "Samsung": {
        "en": "Sent from my Galaxy",
        "de": "Von meinem Galaxy gesendet",
        "fr": "Envoyé de mon Galaxy",
        "es": "Enviado desde mi Galaxy",
        "it": "Inviato dal mio Galaxy",
        "nl": "Verzonden vanaf mijn Galaxy",
    },
    "Outlook phone": {
        "en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "de": "Holen Sie sich Outlook für iOS<https://aka.ms/o0ukef>",
        "fr": "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>",
        "es": "Obtener Outlook para iOS<https://aka.ms/o0ukef>",
        "it": "Scarica Outlook per iOS<https://aka.ms/o0ukef>",
        "nl": "Outlook voor iOS downloaden<https://aka.ms/o0ukef>",
    },
    "Proton": {
        "en": "Sent with Proton Mail secure email.",
        "de": "Gesendet mit der sicheren E-Mail von Proton Mail.",
        "fr": "Envoyé avec la messagerie sécurisée Proton Mail.",
        "es": "Enviado con el correo seguro de Proton Mail.",
        "it": "Inviato con l’email sicura Proton Mail.",
        "nl": "Verzonden met Proton Mail beveiligde e-mail.",
    },
}


@dataclass(frozen=True, slots=True)
class Case:
    """An email: what it is called, its bytes, and what its writer wrote."""

    name: str
    raw: bytes
    own: str


def cases() -> Iterator[Case]:
    """All of them: programs × languages × what they wrote, as text and, where the program sends it alone, as HTML."""
    for language in LANGUAGES:
        for number, own in enumerate(OWN[language]):
            for program, write in PROGRAMS.items():
                text, page = write(own, language)
                if text:
                    yield Case(f"{program}, {language}, {number}, text", made(text, ""), own)
                if page:
                    yield Case(f"{program}, {language}, {number}, HTML", made("", page), own)


def made(text: str, page: str) -> bytes:
    """One email of these parts."""
    email = EmailMessage()
    email["From"], email["Message-ID"] = "Anna <anna@tee.example>", "<1@tee.example>"
    email["Subject"] = "Re: The lid"
    email.set_content(text or page, subtype="plain" if text else "html", cte="8bit")
    return email.as_bytes()


def quoted(text: str) -> str:
    """Each line behind a mark."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def wrapped(sentence: str) -> str:
    """As programs break a long line before its last word, or before the address."""
    head, _space, tail = sentence.rpartition(" ")
    return f"{head}\n{tail}" if len(sentence) > 70 else sentence


def in_html(text: str, tag: str = "div") -> str:
    """Lines as paragraphs."""
    return "".join(f"<{tag}>{escape(line) or '<br>'}</{tag}>" for line in text.split("\n"))


def head(
    language: str, *, day: int = 1, who: str = NAMED, mark: str = "", order: tuple[int, ...] = (0, 9, 3, 4)
) -> str:
    """The head of what is answered; `day` 1: sent, 2: date. `order`: which lines stand in which place, 9 the day."""
    labels, gap = LABELS[language], " " if language == "fr" else ""
    values = {0: who, 9: DAYS[language], 3: "Anna Tee <anna@tee.example>", 4: "The lid"}
    names = {0: labels[0], 9: labels[day], 3: labels[3], 4: labels[4]}
    return "\n".join(f"{mark}{names[one]}{gap}:{mark} {values[one]}" for one in order)


def gmail(own: str, language: str) -> tuple[str, str]:
    said = SENTENCES["Gmail"][language]
    page = (
        f'<div dir="ltr">{in_html(own)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{escape(said)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204)">{in_html(OURS[language])}</blockquote></div>'
    )
    return f"{own}\n\n{wrapped(said)}\n\n{quoted(OURS[language])}\n", page


def gmail_android(own: str, language: str) -> tuple[str, str]:
    said = SENTENCES["Gmail"][language]
    return f"{own}\n\n-- \n{SIGNATURE}\n\n{wrapped(said)}\n\n{quoted(quoted(OURS[language]))}\n", ""


def apple(own: str, language: str) -> tuple[str, str]:
    said = SENTENCES["Apple Mail"][language]
    return f"{own}\n\n> {said}\n> \n{quoted(OURS[language])}\n", ""


def ios(own: str, language: str) -> tuple[str, str]:
    said, added = SENTENCES["Apple Mail"][language], ADDED["iOS Mail"][language]
    page = (
        f'{in_html(own)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{added}</div><div dir="ltr"><br>'
        f'<blockquote type="cite">{escape(said)}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
        f"{in_html(OURS[language])}</div></blockquote>"
    )
    return f"{own}\n\n{added}\n\n> {said}\n> \n{quoted(OURS[language])}\n", page


def outlook(own: str, language: str) -> tuple[str, str]:
    labels = LABELS[language]
    page = (
        f'<div class="WordSection1">{in_html(own, "p")}<p class="MsoNormal">&nbsp;</p><div style="border:none;border-top:'
        f'solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>{labels[0]}:</b> {escape(WHO)}<br>'
        f"<b>{labels[1]}:</b> {DAYS[language]}<br><b>{labels[3]}:</b> Anna Tee<br><b>{labels[4]}:</b> The lid</p></div>"
        f"{in_html(OURS[language], 'p')}</div>"
    )
    return f"{own}\n\n-----{labels[5]}-----\n{head(language)}\n\n{OURS[language]}\n", page


def outlook_of_exchange(own: str, language: str) -> tuple[str, str]:
    return f"{own}\n\n{head(language, who='Kettle, Service')}\n\n{OURS[language]}\n", ""


def outlook_mac(own: str, language: str) -> tuple[str, str]:
    return f"{own}\n\n \n\n{head(language, day=2, order=(0, 9, 3, 4))}\n\n{OURS[language]}\n", ""


def outlook_phone(own: str, language: str) -> tuple[str, str]:
    above = f"{own}\n\n{ADDED['Outlook phone'][language]}\n"
    return f"{above}{'_' * 32}\n{head(language, mark='*')}\n\n{OURS[language]}\n", ""


def outlook_com(own: str, language: str) -> tuple[str, str]:
    labels = LABELS[language]
    page = (
        f'<div class="elementToProof">{in_html(own)}</div><div id="appendonsend"></div><hr style="display:inline-block;'
        f'width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>{labels[0]}:</b> {escape(WHO)}<br><b>'
        f"{labels[1]}:</b> {DAYS[language]}</font></div>{in_html(OURS[language])}"
    )
    return f"{own}\n{'_' * 32}\n{head(language)}\n\n{OURS[language]}\n", page


def yahoo(own: str, language: str) -> tuple[str, str]:
    said = SENTENCES["Yahoo"][language]
    page = (
        f'<div class="ydp1yahoo-style-wrap"><div dir="ltr">{in_html(own)}</div></div><div id="yahoo_quoted_12" '
        f'class="yahoo_quoted"><div><div>{escape(said)}</div><div>{in_html(OURS[language])}</div></div></div>'
    )
    return f" {own}\n\n    {said}  \n \n {OURS[language]}  \n", page


def thunderbird(own: str, language: str) -> tuple[str, str]:
    said = SENTENCES["Thunderbird"][language]
    page = (
        f'<div class="moz-cite-prefix">{escape(said)}<br></div><blockquote type="cite" cite="mid:1@kettle.example">'
        f"{in_html(OURS[language], 'p')}</blockquote>{in_html(own, 'p')}"
    )
    return f"{said}\n{quoted(OURS[language])}\n\n{own}\n\n-- \n{SIGNATURE}\n", page


def samsung(own: str, language: str) -> tuple[str, str]:
    above = f"{own}\n\n\n{ADDED['Samsung'][language]}\n\n\n-------- {LABELS[language][5]} --------\n"
    return f"{above}{head(language, day=2, order=(0, 9, 3, 4))}\n\n{OURS[language]}\n", ""


def gmx(own: str, language: str) -> tuple[str, str]:
    top = head(language, who=f'"{WHO}" <{ADDRESS}>', order=(9, 0, 3, 4))
    page = (
        f'<div style="font-family: Verdana;font-size: 12.0px;"><div>{in_html(own)}</div><div>&nbsp;<div name="quote" '
        f'style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;">{in_html(top)}'
        f'<div name="quoted-content">{in_html(OURS[language])}</div></div></div></div>'
    )
    return f"{own}\n \n\n{top}\n\n{OURS[language]}\n", page


def proton(own: str, language: str) -> tuple[str, str]:
    said, added = SENTENCES["Proton"][language], ADDED["Proton"][language]
    page = (
        f'<div>{in_html(own)}</div><div class="protonmail_signature_block"><div>{added}</div></div><div class="'
        f'protonmail_quote">{escape(said)}<br><blockquote class="protonmail_quote" type="cite">{in_html(OURS[language])}'
        "</blockquote></div>"
    )
    return f"{own}\n\n{added}\n\n{said}\n\n{quoted(OURS[language])}\n", page


PROGRAMS = {
    "Gmail": gmail,
    "Gmail on Android": gmail_android,
    "Apple Mail": apple,
    "iOS Mail": ios,
    "Outlook": outlook,
    "Outlook with Exchange": outlook_of_exchange,
    "Outlook on a Mac": outlook_mac,
    "Outlook on a phone": outlook_phone,
    "outlook.com": outlook_com,
    "Yahoo": yahoo,
    "Thunderbird": thunderbird,
    "Samsung": samsung,
    "GMX": gmx,
    "Proton": proton,
}
