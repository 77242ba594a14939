"""Countries as people write them: two letters, or a name in English, German or the country's own tongue."""

from functools import cache
from importlib.resources import files

from contacts.folding import fold

# Names beside those of the IANA table in tzdata (iso3166.tab), as files of people hold them.
OTHER_NAMES = """
AT Österreich · Autriche | BE Belgien · België · Belgique | BG Bulgarien · Bulgariya | BR Brasilien · Brasil
CA Kanada | CH Schweiz · Suisse · Svizzera · Schweizerische Eidgenossenschaft | CN People's Republic of China
CY Zypern | CZ Tschechien · Tschechische Republik · Czechia · Česko · Česká republika | DE Deutschland · Allemagne
DE Bundesrepublik Deutschland · BRD · Tyskland · Alemania · Germania · Federal Republic of Germany · Duitsland
DK Dänemark · Danmark | EE Estland · Eesti | ES Spanien · España · Espagne | FI Finnland · Suomi
FR Frankreich · Frankrike · Francia | GB United Kingdom · UK · Great Britain · England · Scotland · Wales
GB Vereinigtes Königreich · Großbritannien · Northern Ireland · Storbritannien | GR Griechenland · Ellada
HR Kroatien · Hrvatska | HU Ungarn · Magyarország | IE Irland · Éire · Republic of Ireland
IN Indien | IS Island · Ísland | IT Italien · Italia · Italie | JP Nippon | KR South Korea · Südkorea · Republic of Korea
KP North Korea | LI Liechtenstein | LT Litauen · Lietuva | LU Luxemburg · Lëtzebuerg | LV Lettland · Latvija
MA Marokko | MD Moldau · Republic of Moldova | MK Nordmazedonien · Macedonia | MX Mexiko · México
NL Niederlande · Holland · Nederland · The Netherlands · Pays-Bas | NO Norwegen · Norge · Noreg | NZ Neuseeland
PL Polen · Polska · Pologne | PT Portugal | RO Rumänien · România | RS Serbien · Srbija
RU Russland · Russian Federation · Rossiya | SE Schweden · Sverige | SI Slowenien · Slovenija
SK Slowakei · Slovensko | TR Türkei · Türkiye | TW Taiwan | UA Ukraine · Ukraina · Ukrayina
US United States of America · USA · U.S.A. · U.S. · America · Vereinigte Staaten · Vereinigte Staaten von Amerika
US Estados Unidos · États-Unis | VN Viet Nam | ZA Südafrika | AU Australien | AR Argentinien | EG Ägypten
BA Bosnien und Herzegowina · Bosna i Hercegovina | AL Albanien | BY Weißrussland · Belarus | CI Ivory Coast
CZ Czech Rep. · Czech Republic | AE UAE · Vereinigte Arabische Emirate | IL Israel | SA Saudi-Arabien | TH Thailand
"""
THREE_LETTERS = (
    "AUT AT BEL BE BGR BG BRA BR CAN CA CHE CH CHN CN CYP CY CZE CZ DEU DE DNK DK EST EE ESP ES FIN FI FRA FR GBR GB"
    " GRC GR HRV HR HUN HU IRL IE ISL IS ITA IT JPN JP LIE LI LTU LT LUX LU LVA LV MEX MX NLD NL NOR NO NZL NZ POL PL"
    " PRT PT ROU RO SRB RS SWE SE SVN SI SVK SK TUR TR UKR UA USA US ZAF ZA AUS AU IND IN ISR IL"
)


def country_code(text: str) -> str:
    """The two letters of a country, or "" where nothing says which."""
    clean = text.strip()
    if len(clean) == 2 and clean.upper() in _codes():
        return clean.upper()
    return _names().get(fold(clean), "")


def country_choices() -> list[tuple[str, str]]:
    """(two letters, English name) of every country by name, for a choice."""
    return sorted(_table(), key=lambda pair: pair[1])


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _name in _table())


@cache
def _names() -> dict[str, str]:
    names = {fold(name): code for code, name in _table()}
    for entry in OTHER_NAMES.replace("\n", " | ").split(" | "):
        code, _blank, said = entry.strip().partition(" ")
        names |= {fold(one.strip()): code for one in said.split("·") if one.strip()}
    three = THREE_LETTERS.split()
    return names | {fold(long): short for long, short in zip(three[::2], three[1::2], strict=True)}


def _table() -> list[tuple[str, str]]:
    """(code, English name) of every country, from tzdata."""
    lines = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8").splitlines()
    return [(cells[0], cells[1]) for line in lines if not line.startswith("#") and len(cells := line.split("\t")) > 1]
