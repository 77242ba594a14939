"""What people did, in words: of each kind its verb and its object, as they are said and as they may be typed.

One line a kind: `key | verb | other verbs | object | other objects`; `!` before the objects: the verb alone may mean
something else. Words of one phrase stand together, phrases have "/" between them; "*" ends a word that may go on.
"""

from dataclasses import dataclass
from functools import cache

ENGLISH = """
sent | were sent | was sent | a mailing | mailings/an emailing !
delivered | had an email delivered | got an email delivered |
opened | opened | open/opens/read/reads | an email | email/emails/any email/any emails/mail/mails/e-mail/e-mails/letters
clicked | clicked | click/clicks/clicked on/click on/followed | a link | link/links/any link/any links
bounced | had an email bounce | bounced/bounce/bouncing | | emails/email/mail/mails !
unsubscribed | unsubscribed | unsubscribe/opted out |
complained | marked as spam | reported as spam/mark as spam | an email | email/emails/us
page | viewed | looked at/view/saw/looked at | a page | page/pages/any page
visit | visited | visit/visits/came to/were on/was on | our website | website/our site/site/the website/the site
identify | said | say | who they are | ! who they are
form | submitted | filled in/filled out/submit/sent | a form | form/forms/any form !
screen | used | use/opened | the app | app/our app/an app !
signed_up | signed up | sign up/registered/register |
purchase | bought | buy/buys/ordered/order/orders/purchased/purchase |  | anything/something/a purchase/an order
refund | got | got back/received/were given/asked for | a refund | refund/refunds/money back/their money back !
shop_visit | came to | visited/came into/were in/visit | the shop | shop/our shop/the store/store/our store !
event_visit | attended | came to/visited/attend/were at/went to | an event | event/events/our event/any event !
event_registration | signed up for | registered for/sign up for/booked | an event | event/events/our event/any event !
event_no_show | missed | did not come to/stayed away from | an event | event/events/our event/any event !
event_cancelled | gave back | cancelled/canceled | their place at an event | their place/a place at an event !
code_used | used | use/redeemed/redeem | a code | code/codes/a code from tv or print/code from tv or print !
meeting | met | meet/had a meeting with | us |
ad_click | came by | clicked on/came from/came through/came via/clicked | an ad | ad/ads/any ad/an advert !
mention | mentioned | mention/wrote about/tagged | us | our brand
reply | answered | replied to/replied/answer | us |
answer | were answered | were answered by us/got answered |
liked | were liked | were liked by us/got a like from us |
message | wrote to | wrote/write to/messaged/contacted | us |
comment | commented | comment/commented on |  | a post/our posts
share | shared | share | us | our posts/a post/something
referral | brought | referred/recommended/bring | a friend | friend/friends/somebody !
user_content | made | posted/published | something about us | something about us/own content !
call | called | call/phoned/rang | us |
called | were called | were called by us/was called |
callback_request | asked to be called | asked for a call back/asked for a callback/requested a callback/asked us to call |
chat | chatted | chat/had a chat/chatted with | | with us/us
question | asked | ask | a question | question/questions/any question !
review | wrote | write/left/submitted/leave | a review | review/reviews/any review !
rating | rated | rate | us |
nps | said | answered | whether they recommend us | ! whether they recommend us/whether they would recommend us
survey | answered | answer/filled in/took/completed | a survey | survey/surveys/our survey/any survey !
idea | had an idea | shared an idea/suggested an idea/had an idea for us |
community_post | posted in | wrote in/post in | the community | community/our community !
complaint | complained | complain/made a complaint/filed a complaint |  | to us/about us
resolved | had a complaint resolved | have a complaint resolved |
preference | changed | edited/change/updated | their preferences | preferences/preference !
preference_shared | told us | tell us | what they like | what they like !
sms | were texted | were sent a text/got a text/got an sms |
push | were pushed | were sent a push message/got a push message/got a push |
other | experienced | experienced | something else | something else !
"""
GERMAN = """
sent | versandt bekommen | geschickt bekommen | eine Aussendung | aussendung/aussendungen !
delivered | zugestellt bekommen | zugestellt | eine E-Mail | e-mail/e-mails/mail/mails
opened | geöffnet | gelesen/öffnen | eine E-Mail | e-mail/e-mails/mail/mails/email/emails/post
clicked | geklickt | angeklickt/klicken | auf einen Link | auf einen link/einen link/link/links/auf links/auf link
bounced | eine unzustellbare E-Mail gehabt | zurückkamen/zurückgekommen/unzustellbar waren | | e-mail/e-mails/mails/mail !
unsubscribed | abgemeldet | abgemeldet/abbestellt |
complained | als Spam gemeldet | als spam markiert | eine E-Mail | e-mail/mail/e-mails/uns
page | angesehen | angeschaut/gesehen/aufgerufen | eine Seite | seite/seiten
visit | besucht | besucht/waren | unsere Website | website/webseite/unsere seite/homepage/auf der website/auf unserer website
identify | gesagt | gesagt | wer sie sind | wer sie sind !
form | abgeschickt | ausgefüllt/abgesendet/abgeschickt | ein Formular | formular/formulare !
screen | benutzt | genutzt/verwendet | die App | app !
signed_up | registriert | angemeldet/anmelden |
purchase | gekauft | bestellt/eingekauft/kaufen/bestellen | | etwas/bei uns
refund | zurückbekommen | zurückerhalten/erstattet bekommen | Geld | geld/erstattung !
shop_visit | besucht | waren/war/gekommen | den Laden | laden/im laden/im geschäft/geschäft/in den laden/im shop !
event_visit | besucht | waren/war/teilgenommen | eine Veranstaltung | veranstaltung/veranstaltungen/auf einer veranstaltung !
event_registration | angemeldet | angemeldet/gebucht | zu einer Veranstaltung | zur veranstaltung/zu veranstaltungen !
event_no_show | verpasst | versäumt | eine Veranstaltung | veranstaltung/veranstaltungen !
event_cancelled | zurückgegeben | storniert/abgesagt | ihren Platz bei einer Veranstaltung | ihren platz/einen platz !
code_used | eingelöst | benutzt/verwendet/genutzt | einen Code | code/codes/einen code aus tv oder print/code aus tv oder print !
meeting | getroffen | getroffen | uns persönlich | uns persönlich !
ad_click | gekommen | kamen/geklickt/gekommen | über eine Anzeige | anzeige/anzeigen/über anzeigen !
mention | erwähnt | erwähnen/über uns geschrieben | | uns
reply | geantwortet | antworten/zurückgeschrieben | | uns
answer | von uns beantwortet | von uns eine antwort bekommen |
liked | von uns gemocht | von uns ein gefällt mir bekommen |
message | geschrieben | schreiben/kontaktiert | | uns/an uns
comment | kommentiert | kommentiert | | beitrag/beiträge/einen beitrag
share | geteilt | geteilt/weitergesagt | | uns/beitrag/beiträge/einen beitrag
referral | geworben | gebracht/empfohlen/mitgebracht | einen Freund | freund/freunde/eine freundin/einen freund !
user_content | selbst veröffentlicht | gepostet | etwas über uns | etwas über uns !
call | angerufen | anrufen | | uns/bei uns
called | von uns angerufen | durch uns angerufen |
callback_request | um Rückruf gebeten | einen rückruf gewünscht/um einen rückruf gebeten/einen rückruf verlangt |
chat | gechattet | chatten | | mit uns
question | gestellt | gestellt/hatten | eine Frage | frage/fragen !
review | geschrieben | verfasst/abgegeben/schreiben/hinterlassen | eine Bewertung | bewertung/bewertungen/rezension/rezensionen !
rating | bewertet | bewerten | | uns
nps | gesagt | gesagt | ob sie uns empfehlen | ob sie uns empfehlen !
survey | beantwortet | ausgefüllt/mitgemacht | eine Umfrage | umfrage/umfragen/bei einer umfrage !
idea | gehabt | eingereicht/gehabt/hatten | eine Idee | idee/ideen !
community_post | gepostet | geschrieben/gepostet | in der Community | in der community/community/im forum !
complaint | beschwert | beschweren/reklamiert | | bei uns/über uns
resolved | gelöst bekommen | geklärt bekommen | eine Beschwerde | beschwerde/beschwerden !
preference | geändert | geändert/angepasst | ihre Einstellungen | einstellungen/ihre einstellungen !
preference_shared | verraten | gesagt/verraten | was sie mögen | was sie mögen !
sms | eine SMS bekommen | eine sms erhalten |
push | eine Push-Nachricht bekommen | eine push-nachricht erhalten |
other | erlebt | erlebt | etwas anderes | etwas anderes !
"""
NOUNS = {
    "en": "purchase: purchase/order/buy | visit: visit | page: page view | opened: open/opened email | clicked: click"
    " | call: call | message: message | review: review | shop_visit: shop visit | event_visit: event",
    "de": "purchase: kauf/bestellung/einkauf | visit: besuch | page: seitenaufruf | opened: öffnung | clicked: klick"
    " | call: anruf | message: nachricht | review: bewertung | shop_visit: ladenbesuch | event_visit: veranstaltung",
}


@dataclass(frozen=True, slots=True)
class KindPhrase:
    """A kind's words: `verb` and `thing` as they are said; `verbs`, `things` as they may be typed."""

    key: str
    verb: str
    verbs: tuple[str, ...]
    thing: str
    things: tuple[str, ...]
    needs_thing: bool  # the verb alone may mean something else


@cache
def phrases_of(language: str) -> dict[str, KindPhrase]:
    """Every kind's words in a language."""
    table = GERMAN if language == "de" else ENGLISH
    return {one.key: one for one in map(_read, table.strip().splitlines())}


@cache
def nouns_of(language: str) -> dict[str, str]:
    """Nouns of what is done, as phrases, and the kinds that they mean."""
    pairs = (one.split(":") for one in NOUNS[language].split("|"))
    return {noun.strip(): key.strip() for key, nouns in pairs for noun in nouns.split("/")}


def _read(line: str) -> KindPhrase:
    key, verb, verbs, *things = (one.strip() for one in line.split("|"))
    thing, others = (*things, "", "")[:2]
    needs_thing, others = "!" in others, others.replace("!", "").strip()
    return KindPhrase(
        key, verb, (verb, *_split(verbs)), thing, tuple(filter(None, (thing, *_split(others)))), needs_thing
    )


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split("/") if one.strip()]
