"""What a browser would send of a form as it stands in a page."""

from html.parser import HTMLParser

FREE = {"submit", "button", "image", "reset", "file"}


class _Reader(HTMLParser):
    """Reads the controls of each form, those that name it by `form=` too."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, list[str]]] = {}
        self._ids: dict[str, str] = {}
        self._here, self._select, self._area = "", None, None
        self._options: list[tuple[str, bool]] = []
        self._later: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "form":
            self._here = facts.get("action") or ""
            self.forms.setdefault(self._here, {})
            if facts.get("id"):
                self._ids[facts["id"]] = self._here
        elif tag == "input" and facts.get("type") not in FREE and "disabled" not in facts:
            if facts.get("type") not in {"checkbox", "radio"} or "checked" in facts:
                self._keep(facts, facts.get("value", "on" if facts.get("type") == "checkbox" else "") or "")
        elif tag == "select":
            self._select, self._options = facts, []
        elif tag == "option" and self._select is not None:
            self._options.append((facts.get("value") or "", "selected" in facts))
        elif tag == "textarea":
            self._area = (facts, [])

    def handle_data(self, data):
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._here = ""
        elif tag == "select" and self._select is not None:
            chosen = [value for value, is_chosen in self._options if is_chosen]
            if not chosen and "multiple" not in self._select:
                chosen = [value for value, _chosen in self._options[:1]]
            for value in chosen:
                self._keep(self._select, value)
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._keep(self._area[0], _as_sent("".join(self._area[1])))
            self._area = None

    def _keep(self, facts, value):
        if facts.get("name"):
            self._later.append((f"#{facts['form']}" if facts.get("form") else self._here, facts["name"], value))

    def read(self) -> dict[str, dict[str, list[str]]]:
        for where, name, value in self._later:
            action = self._ids.get(where[1:], where) if where.startswith("#") else where
            self.forms.setdefault(action, {}).setdefault(name, []).append(value)
        return self.forms


def filled(page, action: str = "") -> dict[str, list[str]]:
    """The fields of the form with this action ("": the one that is sent to its own page), as they would be sent."""
    reader = _Reader()
    reader.feed(page.content.decode())
    return reader.read()[action]


def _as_sent(words: str) -> str:
    return words.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
