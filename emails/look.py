"""The brand's look as emails are drawn with it: colours for light and dark, fonts with their stand-ins, measures."""

from dataclasses import dataclass

from emails.models import BrandKit
from emails.palette import (
    DARK_AROUND,
    DARK_INK,
    DARK_LINE,
    DARK_PAPER,
    DARK_SOFT,
    is_readable,
    line_on,
    quieter,
    readable_on,
    readable_on_both,
    words_on,
)

# Each with what stands in for it: no mail client loads a font for certain.
STACKS = {
    BrandKit.Font.GEORGIA: "Georgia, 'Times New Roman', serif",
    BrandKit.Font.TIMES: "'Times New Roman', Times, serif",
    BrandKit.Font.PALATINO: "'Palatino Linotype', Palatino, Georgia, serif",
    BrandKit.Font.VERDANA: "Verdana, Geneva, sans-serif",
    BrandKit.Font.ARIAL: "Arial, Helvetica, sans-serif",
    BrandKit.Font.TREBUCHET: "'Trebuchet MS', Helvetica, sans-serif",
    BrandKit.Font.TAHOMA: "Tahoma, Geneva, sans-serif",
    BrandKit.Font.COURIER: "'Courier New', Courier, monospace",
    BrandKit.Font.SYSTEM: "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
}

# On a narrow screen.
NARROW = """@media (max-width: 480px) {
  .paper .edge { padding-left: 20px !important; padding-right: 20px !important; }
  .paper .cell { padding-left: 0 !important; padding-right: 0 !important; }
  .paper .pick img { width: 96px !important; margin: 0 0 8px 0 !important; }
  .paper .scale { padding-left: 12px !important; padding-right: 12px !important; }
  .cards > table > tbody > tr > td { padding-left: 20px !important; padding-right: 20px !important; }
  .paper h1 { font-size: 24px !important; }
  .press table { width: 100% !important; }
  .press a, .press p { display: block !important; }
  .foot { padding-left: 20px !important; padding-right: 20px !important; }
}
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a brand kit comes to. `name` is the brand's; `mark` the first letter of it, where there is no logo."""

    name: str
    ink: str
    quiet: str
    line: str
    accent: str
    on_accent: str
    link: str
    paper: str
    soft: str
    around: str
    heading_font: str
    text_font: str
    corner: int
    dark_accent: str
    dark_on_accent: str
    social: tuple[tuple[str, str], ...] = ()
    foot_note: str = ""
    logo_id: int | None = None
    dark_logo_id: int | None = None
    language: str = "en"
    website: str = ""

    @property
    def mark(self) -> str:
        """The first letter of the brand's name."""
        return (self.name.strip() or "·")[0].upper()


def look_of(kit: BrandKit, *, name: str, language: str = "en", website: str = "") -> Look:
    """The look that a kit describes, in which everything can be read: what could not is moved, as contrasts.py says it.

    Words and links turn lighter or darker; cards on which the words cannot be read take the colour of the paper.
    """
    dark = readable_on_both(kit.accent, DARK_PAPER, DARK_SOFT)
    ink = readable_on(kit.ink, kit.paper)
    soft = kit.soft if is_readable(ink, kit.soft) else kit.paper
    return Look(
        name=name,
        ink=ink,
        quiet=quieter(ink, soft, kit.paper),
        line=line_on(ink, kit.paper),
        accent=kit.accent,
        on_accent=words_on(kit.accent),
        link=readable_on_both(kit.accent, kit.paper, soft),
        paper=kit.paper,
        soft=soft,
        around=kit.around,
        heading_font=STACKS[BrandKit.Font(kit.heading_font)],
        text_font=STACKS[BrandKit.Font(kit.text_font)],
        corner=kit.corner,
        dark_accent=dark,
        dark_on_accent=words_on(dark),
        social=tuple((str(one["name"]), str(one["url"])) for one in kit.social),
        foot_note=kit.foot_note,
        logo_id=kit.logo_id,
        dark_logo_id=kit.dark_logo_id,
        language=language,
        website=website,
    )


def styles(look: Look) -> str:
    """The CSS of an email's head: what is the same for many of its elements, the dark, the narrow screen."""
    return f"""
.paper a {{ color: {look.link}; text-decoration: underline; }}
.paper .plain {{ text-decoration: none; }}
.paper p {{ margin: 0 0 14px; }}
.paper p:last-child {{ margin: 0; }}
.paper ul, .paper ol {{ margin: 0 0 12px; padding-left: 24px; }}
.paper li {{ margin: 0 0 4px; }}
.foot {{ max-width: 536px; margin: 0 auto; padding: 20px 32px 28px; background: {look.soft};
  color: {look.quiet}; font: 13px/1.5 {look.text_font}; }}
.foot p {{ margin: 0 0 8px; line-height: 1.5; }}
.foot a {{ color: {look.quiet}; }}
@media (prefers-color-scheme: dark) {{
  body, .around {{ background: {DARK_AROUND} !important; }}
  .paper, .paper > table {{ background: {DARK_PAPER} !important; }}
  .paper .soft, .paper .soft > table, .foot-note, .foot-note > table, .foot {{ background: {DARK_SOFT} !important; }}
  .paper div, .paper td, .paper p, .foot, .foot a {{ color: {DARK_INK} !important; }}
  .paper a {{ color: {look.dark_accent} !important; }}
  .paper .plain {{ color: {DARK_INK} !important; }}
  .paper .step {{ background: {DARK_SOFT} !important; border-color: {DARK_LINE} !important; }}
  .paper .quoted {{ border-color: {look.dark_accent} !important; }}
  .paper .mark {{ background: {look.dark_accent} !important; color: {look.dark_on_accent} !important; }}
  .rule p {{ border-color: {DARK_LINE} !important; }}
  .paper .press td, .paper .press a, .paper .press p {{ background: {look.dark_accent} !important;
    color: {look.dark_on_accent} !important; }}
  .light-only {{ display: none !important; }}
  .dark-only {{ display: block !important; max-height: none !important; }}
}}
{NARROW}"""
