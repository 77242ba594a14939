"""Lines of DMARC and their like: `v=DMARC1; p=none; rua=…`, read and changed piece by piece."""


def tags_of(record: str) -> dict[str, str]:
    """`a=b; c=d` → names and values; the first of a name counts."""
    found: dict[str, str] = {}
    for piece in record.split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def mailto(address: str) -> str:
    """The address as DMARC names it: there `!` and `,` have a meaning of their own (RFC 7489, 6.2)."""
    return f"mailto:{address.replace('!', '%21').replace(',', '%2c')}"


def report_addresses(tags: dict[str, str]) -> list[str]:
    """Where reports go, without the size that may stand behind an address."""
    return [one.strip().partition("!")[0].lower() for one in tags.get("rua", "").split(",")]


def with_report_address(record: str, address: str) -> str:
    """The line with one more address for reports; all else in it stays."""
    pieces, own = _pieces(record), mailto(address)
    names = [name for name, _piece in pieces]
    if "rua" not in names:
        return "; ".join([*(piece for _name, piece in pieces), f"rua={own}"])
    at = names.index("rua")
    given = pieces[at][1].partition("=")[2].strip(" ,")
    pieces[at] = ("rua", f"rua={given},{own}" if given else f"rua={own}")
    return "; ".join(piece for _name, piece in pieces)


def with_policy(record: str) -> str:
    """The line with p=none in place of what is no policy."""
    return "; ".join(["v=DMARC1", "p=none", *(piece for name, piece in _pieces(record) if name not in {"v", "p"})])


def _pieces(record: str) -> list[tuple[str, str]]:
    """(name in lower case, piece as it stands) of each that says anything."""
    found = [one.strip() for one in record.split(";")]
    return [(one.partition("=")[0].strip().lower(), one) for one in found if one]
