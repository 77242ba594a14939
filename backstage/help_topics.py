"""The pages of help: what each is called, what it says in a line, and by which other words it is found."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """One page of help; its text is templates/backstage/help/<slug>.html."""

    slug: str
    title: str | Promise
    icon: str
    says: str | Promise
    also: str | Promise = ""


TOPICS = (
    Topic("home", _("Home"), "home", _("What today asks of you, and how the audience is moving.")),
    Topic(
        "contacts", _("Contacts"), "users", _("Everyone you know, and how to find one of them."), _("people database")
    ),
    Topic(
        "contact",
        _("One person"),
        "user",
        _("Level, four I’s, everything that happened, may we write."),
        _("custom field attribute property note call log"),
    ),
    Topic(
        "companies",
        _("Companies"),
        "building",
        _("Where people work, who else is there, and two companies that are one."),
        _("organisation account employer firm domain"),
    ),
    Topic(
        "fields",
        _("Fields"),
        "forms",
        _("What you want to know of everybody: declare it, give it a type, change the type without losing a value."),
        _("custom field attribute property choice type archive"),
    ),
    Topic(
        "duplicates",
        _("Duplicates"),
        "git-merge",
        _("Who may be one person, why, and a merge that can be taken back."),
        _("merge dedupe double twin"),
    ),
    Topic(
        "sign-up-forms",
        _("Sign-up forms"),
        "forms",
        _("Pages on which people ask for your topics, and what became of them."),
        _("form subscribe newsletter opt-in double opt-in embed qr code landing page"),
    ),
    Topic(
        "list-quality",
        _("List quality"),
        "gauge",
        _("Who can be reached, who went quiet, what comes back."),
        _("hygiene health bounce spam complaint deliverability sunset"),
    ),
    Topic(
        "do-not-contact",
        _("Do not contact"),
        "mail-off",
        _("Addresses that are never written to, and why."),
        _("suppression list blocklist unsubscribed bounce complaint dnc"),
    ),
    Topic(
        "import",
        _("Bringing people in"),
        "file-import",
        _("A CSV with a reason why you may write to them."),
        _("csv upload"),
    ),
    Topic(
        "import-orders",
        _("Orders and attendance by file"),
        "receipt",
        _("What people bought and which events they came to, from a shop’s or ticket seller’s export."),
        _("shopify woocommerce eventbrite purchases refunds event attendees csv"),
    ),
    Topic("segments", _("Segments"), "filter", _("Groups that fill themselves."), _("filter audience list")),
    Topic(
        "segment",
        _("Building a segment"),
        "filter-plus",
        _("One sentence, line by line."),
        _("condition group filter audience list"),
    ),
    Topic(
        "inbox",
        _("Inbox"),
        "inbox",
        _("Who waits for an answer, most urgent first."),
        _("conversations assign snooze sla canned reply"),
    ),
    Topic(
        "connections",
        _("Connections"),
        "plug-connected",
        _("Networks, feeds and webhooks that fill the inbox, and how they are."),
        _("channels mastodon bluesky x twitter linkedin facebook instagram feed token key"),
    ),
    Topic(
        "programmes",
        _("Programmes"),
        "target-arrow",
        _("Why you talk to an audience, and whether it works."),
        _("initiative project holdout control group lift"),
    ),
    Topic(
        "campaigns",
        _("Campaigns"),
        "send",
        _("Emails to a segment, each sent once."),
        _("newsletter letter broadcast mailing blast"),
    ),
    Topic(
        "calendar",
        _("Calendar of campaigns"),
        "calendar",
        _("What goes out when, and what one person gets."),
        _("schedule plan month week campaigns due"),
    ),
    Topic(
        "brand-kit",
        _("Brand kit and pictures"),
        "palette",
        _("How every email looks, and the pictures it shows."),
        _("look of emails logo colours fonts images upload alt text dark mode contrast template design"),
    ),
    Topic(
        "library",
        _("Library, and three for her"),
        "bookmark",
        _("What emails point to, and the block that chooses from it for each reader."),
        _("content articles podcasts videos webinars offers recommendations interests newest picks"),
    ),
    Topic("offers", _("Offer codes"), "ticket", _("A code for each reader, used once."), _("coupon voucher discount")),
    Topic(
        "deliverability",
        _("Deliverability"),
        "gauge",
        _("Whether receivers believe your emails: lines of the DNS, seed mailboxes, what servers answer."),
        _("spf dkim dmarc spam junk inbox placement bounce codes"),
    ),
    Topic(
        "chats",
        _("WhatsApp and RCS"),
        "message-circle",
        _("Templates, the 24 hours, buttons, and what it costs."),
        _("whatsapp rcs chat template text message sender"),
    ),
    Topic(
        "emails",
        _("Emails of blocks"),
        "layout-list",
        _("Build an email in your look: blocks, conditions, pictures, history."),
        _("editor builder drag template newsletter design blocks condition personal history undo paste word"),
    ),
    Topic(
        "campaign",
        _("One campaign"),
        "mail",
        _("Write, test, send, pause, read the result."),
        _("newsletter letter broadcast mailing blast subject sender"),
    ),
    Topic(
        "ad-audiences",
        _("Ad audiences"),
        "ad",
        _("Lists of those who said yes to ads, hashed, for Google, Meta and others."),
        _("google ads customer match meta facebook custom audience lookalike retargeting sha256"),
    ),
    Topic(
        "letters",
        _("Printed letters"),
        "printer",
        _("Letters for window envelopes, with a code that counts as a click."),
        _("post mail merge pdf print direct mail qr code din 5008"),
    ),
    Topic(
        "alarms",
        _("Out of rhythm"),
        "activity",
        _("What came every day and has stopped, and what suddenly comes ten times as often."),
        _("silence burst alarm monitoring snippet form connection orders"),
    ),
    Topic(
        "standing-campaigns",
        _("Campaigns that go out by themselves"),
        "refresh",
        _("A welcome, a birthday, a renewal, a word after they bought."),
        _("automation automated recurring drip trigger autoresponder welcome birthday anniversary standing time zone"),
    ),
    Topic(
        "experiments",
        _("Tests of versions, and holdouts"),
        "test-pipe",
        _("A/B tests that may be looked at every day, and people who get nothing so that you see what emails bring."),
        _("a/b test split test multivariate experiment variant winner subject line holdout control group lift global"),
    ),
    Topic(
        "transactional",
        _("Transactional emails"),
        "receipt",
        _("Receipts and confirmations that your shop sends by the API."),
        _("template order confirmation receipt api webhook idempotency"),
    ),
    Topic(
        "engagement",
        _("Engagement"),
        "activity",
        _("The four I’s, levels, and who moves."),
        _("scores retention cohort"),
    ),
    Topic(
        "interests",
        _("Interests"),
        "heart",
        _(
            "What people like: by what they click, visit and buy, and by their own word. And how much of what we send matters."
        ),
        _("tags preferences topics affinity relevance categories about"),
    ),
    Topic(
        "metrics",
        _("Figures"),
        "chart-line",
        _("What each figure counts, and when."),
        _("open rate hard bounce spam fatigue cap frequency"),
    ),
    Topic(
        "settings", _("Settings"), "settings", _("Brand, sender, team, keys."), _("smtp dkim two-factor 2fa passkey")
    ),
    Topic(
        "privacy",
        _("Privacy"),
        "shield-lock",
        _("Consent, suppression list, export, erasure."),
        _("gdpr opt-in opt-out unsubscribe blocklist dnc suppression list consent"),
    ),
    Topic(
        "api",
        _("API"),
        "api",
        _("Read and change everything by a key, hear of what happens, send data in."),
        _("webhook key token write key scope event log rest openapi sending data in"),
    ),
    Topic("keyboard", _("Keyboard"), "keyboard", _("Every key.")),
)
BY_SLUG = {topic.slug: topic for topic in TOPICS}
