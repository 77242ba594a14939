"""What the DNS must say for a sender's emails to be believed, and what it says: one finding a line.

A finding holds codes and values, no words: the page says them in its reader's language (finding_words.py).
"""

import base64
import binascii
import ipaddress
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from deliverability.dmarc_lines import mailto, report_addresses, tags_of, with_policy, with_report_address
from deliverability.name_servers import NameServers, NoAnswerError, address_in
from deliverability.spf import Spf, read_spf, with_terms
from delivery.presets import OWN, preset_of

Mark = Literal["ok", "bad", "warn", "wait", "none"]
ORDER = {"bad": 0, "wait": 1, "warn": 2, "ok": 3, "none": 4}


class PublicKey(msgspec.Struct, frozen=True):
    """A key that our signatures are checked with. `data`: base64 of SubjectPublicKeyInfo (rsa) or 32 bytes (ed25519)."""

    selector: str
    algorithm: Literal["rsa", "ed25519"]
    data: str


class Setup(msgspec.Struct, frozen=True):
    """A sender as far as the DNS is concerned. `reports_to`: where DMARC's reports are read, if anywhere."""

    domain: str
    host: str
    return_path: str = ""
    inbound_host: str = ""
    reports_to: str = ""
    keys: tuple[PublicKey, ...] = ()


class Finding(msgspec.Struct):
    """One line: which (`key`), of what `kind`, at which `host`, with which `value` to copy, and how it stands.

    `said` is the code of what was found, `facts` the values in its sentence.
    """

    key: str
    kind: str
    host: str
    value: str
    mark: Mark
    said: str
    facts: dict[str, str] = msgspec.field(default_factory=dict)


def judge(setup: Setup, servers: NameServers) -> list[Finding]:
    """Every line of this sender, what is missing first. A question without an answer leaves its line unknown."""
    return sorted(_findings(setup, servers), key=lambda one: ORDER[one.mark])


def is_ready(findings: Sequence[Finding]) -> bool:
    """Whether receivers believe us: DMARC stands, and DKIM does or SPF counts for it.

    SPF counts when the return path is of the sender's domain (RFC 7489, 3.1.2). A provider puts its own there.
    """
    by_key = {one.key: one for one in findings}
    marks = {key: one.mark for key, one in by_key.items()}
    is_signed = any(marks.get(key) == "ok" for key in ("dkim_rsa", "dkim_ed25519", "dkim_carrier"))
    path, carrier = by_key.get("return_path"), by_key.get("dkim_carrier")
    if carrier is not None or "carrier_key" in marks:
        counts = carrier is not None and carrier.facts.get("selectors") == ""
    else:
        counts = path is None or path.facts.get("aligned") == "yes"
    believed = is_signed or (counts and marks.get("spf") == "ok")
    return believed and marks.get("dmarc") in {"ok", "warn"} and marks.get("spf") != "bad"


def _findings(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    questions = [_spf, _pointers, _keys, _carrier_key, _dmarc, _return_path, _answers, _logo]
    for ask in questions:
        try:
            yield from ask(setup, servers)
        except NoAnswerError as error:
            yield Finding(ask.__name__.strip("_"), "", str(error), "", "wait", "no_answer")


def _spf(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    host, terms = setup.return_path or setup.domain, _wanted_terms(setup, servers)
    spf = read_spf(host, servers)
    there = spf.records[0] if len(spf.records) == 1 else ""
    missing = [term for term in terms if not _is_named(term, spf)]
    is_own = preset_of(setup.host) is OWN
    value = with_terms(there, missing or ([f"a:{setup.host}"] if is_own and not there else []))
    mark, said = _spf_mark(spf, terms, missing)
    if not terms and not spf.records and not is_own:
        mark, said = "none", "carrier_answers"
    facts = {"found": there, "count": str(spf.lookup_count), "missing": " ".join(missing)}
    yield Finding("spf", "TXT", host, value, mark, said, facts)


def _spf_mark(spf: Spf, terms: list[str], missing: list[str]) -> tuple[Mark, str]:
    if len(spf.records) > 1:
        return "bad", "several"
    if not spf.records:
        return "bad", "missing"
    if spf.is_broken:
        return "bad", "too_many_lookups"
    if spf.lets_all:
        return "bad", "lets_all"
    if missing:
        return "bad", "names_none" if len(missing) == len(terms) else "names_some"
    return "ok", "found"


def _wanted_terms(setup: Setup, servers: NameServers) -> list[str]:
    preset = preset_of(setup.host)
    if preset is not OWN:
        return [f"include:{preset.spf}"] if preset.spf else []
    return [f"ip{ipaddress.ip_address(one).version}:{one}" for one in sorted(servers.addresses(setup.host))]


def _is_named(term: str, spf: Spf) -> bool:
    kind, _colon, value = term.partition(":")
    return value in spf.names if kind == "include" else spf.lets(value)


def _pointers(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    """Only of a server of one's own: a provider's addresses have names."""
    if preset_of(setup.host) is not OWN:
        return
    for address in sorted(servers.addresses(setup.host)):
        names = servers.ptr(address)
        back = [name for name in names if address in servers.addresses(name)]
        mark: Mark = "ok" if back else "bad"
        said = "found" if back else "leads_elsewhere" if names else "missing"
        name = f"mail.{setup.domain}" if address_in(setup.host) else setup.host
        yield Finding("ptr", "PTR", address, (back or [name])[0], mark, said, {"found": " ".join(names)})


def _keys(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    for key in setup.keys:
        host = f"{key.selector}._domainkey.{setup.domain}"
        value = f"v=DKIM1; k={key.algorithm}; p={key.data}"
        found = [tags_of(one) for one in servers.txt(host)]
        mark: Mark = "wait"
        said = "not_seen"
        if any(_same(one.get("p", ""), key.data) for one in found):
            mark, said = "ok", "found"
        elif any(one.get("p", None) == "" for one in found):
            mark, said = "bad", "revoked"
        elif found:
            mark, said = "bad", "other_key"
        yield Finding(f"dkim_{key.algorithm}", "TXT", host, value, mark, said)


def _carrier_key(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    """The provider's own signature, at the selectors that it is known to use."""
    preset = preset_of(setup.host)
    if preset is OWN:
        return
    for selector in preset.selectors:
        host = f"{selector}._domainkey.{setup.domain}"
        if any(tags_of(one).get("p") for one in servers.txt(host)):
            yield Finding("dkim_carrier", "TXT", host, "", "ok", "found", {"carrier": str(preset.name)})
            return
    mark: Mark = "none" if setup.keys else "bad"
    host = f"{(preset.selectors or ('…',))[0]}._domainkey.{setup.domain}"
    # where nobody knows its selectors, nobody has looked: unknown is not bad (is_ready)
    facts = {"carrier": str(preset.name), "key": preset.key, "selectors": " ".join(preset.selectors)}
    yield Finding("dkim_carrier", "TXT", host, "", mark, "take_from_carrier", facts)


def _dmarc(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    """At the domain itself, else at the domains above it (RFC 9989's walk up the tree)."""
    domain, found = _policies(setup.domain, servers)
    if found:
        yield _dmarc_finding(setup, domain, found)
        return
    value = "v=DMARC1; p=none" + (f"; rua={mailto(setup.reports_to)}" if setup.reports_to else "")
    yield Finding("dmarc", "TXT", f"_dmarc.{setup.domain}", value, "bad", "missing")


def _policies(name: str, servers: NameServers) -> tuple[str, list[str]]:
    """(where DMARC stands, what stands there)."""
    for domain in _upwards(name):
        found = [one for one in servers.txt(f"_dmarc.{domain}") if one.lower().replace(" ", "").startswith("v=dmarc1")]
        if found:
            return domain, found
    return name, []


def _dmarc_finding(setup: Setup, domain: str, found: list[str]) -> Finding:
    tags = tags_of(found[0])
    policy = tags.get("p", "").lower()
    facts = {"policy": policy, "found": found[0][:300], "domain": domain}
    reaches = bool(setup.reports_to) and mailto(setup.reports_to) in report_addresses(tags)
    value = found[0]
    if setup.reports_to and not reaches:
        value = with_report_address(found[0], setup.reports_to)
    mark: Mark = "ok"
    said = "reports_reach_us" if reaches else "found"
    if len(found) > 1:
        mark, said = "bad", "several"
    elif policy not in {"none", "quarantine", "reject"}:
        mark, said, value = "bad", "no_policy", with_policy(value)
    elif setup.reports_to and not reaches:
        mark, said = "warn", "reports_go_elsewhere" if tags.get("rua") else "no_reports"
    return Finding("dmarc", "TXT", f"_dmarc.{domain}", value, mark, said, facts)


def _return_path(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    if not setup.return_path:
        return
    found = servers.mx(setup.return_path)
    value = f"10 {setup.inbound_host}" if setup.inbound_host else ""
    aligned = setup.return_path == setup.domain or setup.return_path.endswith(f".{setup.domain}")
    mark: Mark = "bad" if not found else "ok" if aligned else "warn"
    said = "missing" if not found else "aligned" if aligned else "not_aligned"
    facts = {"aligned": "yes" if aligned else ""}
    yield Finding("return_path", "MX", setup.return_path, found[0] if found else value, mark, said, facts)


def _answers(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    found = servers.mx(setup.domain)
    null = found and found[0].endswith(" ")  # a null MX (RFC 7505): this domain takes no email
    mark: Mark = "bad" if null else "ok" if found else "warn"
    said = "takes_none" if null else "found" if found else "missing"
    yield Finding("answers", "MX", setup.domain, found[0] if found else "", mark, said)


def _logo(setup: Setup, servers: NameServers) -> Iterator[Finding]:
    """BIMI: a logo beside the name. It needs a DMARC policy that acts, its own or one of above."""
    domain, policies = _policies(setup.domain, servers)
    tags = tags_of(policies[0]) if policies else {}
    policy = tags.get("p", "") if domain == setup.domain else tags.get("sp") or tags.get("p", "")
    acts = policy.lower() in {"quarantine", "reject"}
    host, found = f"default._bimi.{setup.domain}", list[dict[str, str]]()
    for name in dict.fromkeys([setup.domain, domain]):
        rows = servers.txt(f"default._bimi.{name}")
        if found := [tags_of(one) for one in rows if one.lower().replace(" ", "").startswith("v=bimi1")]:
            host = f"default._bimi.{name}"
            break
    said = "found" if found and acts else "needs_policy" if not acts else "missing"
    mark: Mark = "ok" if said == "found" else "none"
    logo = found[0].get("l", "") if found else ""
    value = f"v=BIMI1; l=https://{setup.domain}/logo.svg"
    yield Finding("logo", "TXT", host, "" if found else value, mark, said, {"logo": logo[:300]})


def _upwards(domain: str) -> list[str]:
    """The domain and those above it that have a dot; at most eight, as RFC 9989 walks."""
    labels = domain.split(".")[-8:]
    return [".".join(labels[no:]) for no in range(len(labels) - 1)]


def _same(found: str, ours: str) -> bool:
    try:
        return base64.b64decode("".join(found.split())) == base64.b64decode(ours) != b""
    except (binascii.Error, ValueError):
        return False
