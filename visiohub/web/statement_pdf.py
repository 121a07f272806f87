"""A monthly statement as PDF: A4, in French, whatever language the reader's pages speak.

The text can be selected and searched, headings are in the outline, the font is the pages' own.
The structure is not tagged: fpdf2 has no public way to do so (docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import groupby
from unicodedata import category, normalize

from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import Charge, Statement
from visiohub.web.paper_fonts import paper_fonts

FONT, FONT_EXTENDED = "Hyperlegible", "Hyperlegible extended"
NBSP = "\u00a0"
MINUS = "\u2212"
BODY_PT, TITLE_PT, HEADING_PT, FOOT_PT = 9, 18, 12, 8
LINE_MM = 4.6
NUMBER_OF_PAGES = "\x02\x02\x02"
"""Stands for up to three digits until all pages are made; no text has it, see Pages.known."""
_BREAKS = {"Cc", "Zl", "Zp"}
INK, RULE = (22, 25, 27), (211, 215, 217)
"""--encre and --filet of look/tokens.css."""


@dataclass(frozen=True)
class Issuer:
    """Who sends the statement: name, postal address, whom to ask."""

    name: str
    address: tuple[str, ...] = ()
    contact: str = ""
    notes: tuple[str, ...] = ()
    """What the law wants said, for example why no VAT is charged; at the end."""


def euros(amount: Decimal) -> str:
    """1 234,50 €, a minus before it when it goes back."""
    text = format_decimal(abs(amount), "#,##0.00", locale="fr").replace("\u202f", NBSP)
    return f"{MINUS if amount < 0 else ''}{text}{NBSP}€"


def percent(rate: Decimal) -> str:
    """5,5 % without needless zeros."""
    return f"{format_decimal(rate, '0.##', locale='fr')}{NBSP}%"


def month_name(month: Month) -> str:
    """Novembre 2026, in small letters."""
    return format_date(month.first(), "MMMM y", locale="fr")


def day(value: date) -> str:
    """23/11/2026."""
    return format_date(value, "dd/MM/y", locale="fr")


def statement_pdf(made: Statement, issuer: Issuer, number: str, issued: date) -> bytes:
    """The statement; `number` is the one that payer and payee quote, `issued` its date."""
    # the same octets whenever it is made: a mail that is sent again is the same mail
    pages = Pages(f"Relevé {number}, {month_name(made.month)}, {made.payer.name}", issuer.name)
    pages.set_creation_date(datetime.combine(issued, time(), UTC))
    pages.heads(made, issuer, number, issued)
    pages.heading("Total")
    pages.listing(
        ("Taux", "Montant HT", "TVA", "Montant TTC"),
        (40, 50, 50, 50),
        [
            (percent(v.percent), *map(euros, (v.totals.before_tax, v.totals.vat, v.totals.total)))
            for v in made.by_vat
        ],
        ("Total", *map(euros, (made.totals.before_tax, made.totals.vat, made.totals.total))),
        words=1,
    )
    for title, name, parts in (
        ("Par lieu", "Lieu", made.by_venue),
        ("Par personne", "Personne", made.by_person),
    ):
        if parts:
            pages.heading(title)
            pages.listing(
                (name, "Montant HT", "TVA", "Montant TTC"),
                (85, 35, 35, 35),
                [
                    (p.name, *map(euros, (p.totals.before_tax, p.totals.vat, p.totals.total)))
                    for p in parts
                ],
                words=1,
            )
    pages.heading("Détail")
    if made.lines:
        pages.listing(
            ("Date", "Personne", "Objet", "HT", "TVA", "TTC"),
            (20, 48, 60, 21, 19, 22),
            [row for venue, lines in groupby(made.lines, _venue) for row in _detail(venue, lines)],
            words=3,
        )
    else:
        pages.paragraph("Rien à payer ce mois-ci.")
    pages.ln(4)
    for note in issuer.notes:
        pages.paragraph(note)
    return bytes(pages.output())


def _venue(line: Charge) -> str:
    return line.venue


def _detail(venue: str, lines: Iterable[Charge]) -> Iterator[tuple[str, ...]]:
    """The venue alone, which then runs over the whole row, and its lines."""
    yield (venue,)
    for line in lines:
        money = line.amount
        yield (
            day(line.on),
            line.person,
            f"Correction : {line.label}" if line.corrects else line.label,
            *map(euros, (money.before_tax, money.vat, money.total)),
        )


class Pages(FPDF):
    """A4 sheets with the statement's name and the number of the page at the foot of each."""

    def __init__(self, title: str, author: str) -> None:
        super().__init__(format="A4")
        families = {"latin": FONT, "latin-ext": FONT_EXTENDED}
        for (subset, style), file in paper_fonts().items():
            self.add_font(families[subset], style, file)
        self.set_fallback_fonts([FONT_EXTENDED], exact_match=False)
        fonts = (font for font in self.fonts.values() if isinstance(font, TTFFont))
        self._letters = {code for font in fonts for code in font.cmap}
        self.alias_nb_pages(NUMBER_OF_PAGES)
        self.set_lang("fr-FR")
        self.set_title(title)
        self.set_author(author)
        self._foot = self.known(title)
        self.set_margin(10)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_draw_color(*RULE)
        self.set_text_color(*INK)
        self.set_font(FONT, size=BODY_PT)
        self.add_page()

    def known(self, text: str) -> str:
        """The text in one line; what the fonts cannot write is a question mark, never a hole."""
        letters = (" " if category(c) in _BREAKS else c for c in normalize("NFC", text))
        return "".join(c if ord(c) in self._letters else "?" for c in letters)

    def footer(self) -> None:
        """The page's number beside the statement's name."""
        self.set_y(-13)
        self.set_font(FONT, size=FOOT_PT)
        self.cell(self.epw - 30, LINE_MM, self._fitting(self._foot, self.epw - 32))
        self.cell(30, LINE_MM, f"Page {self.page_no()} sur {NUMBER_OF_PAGES}", align="R")

    def _fitting(self, text: str, width: float) -> str:
        """The text, cut where the line ends."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"

    def heads(self, made: Statement, issuer: Issuer, number: str, issued: date) -> None:
        """Who asks whom for what; the payer stands where a window envelope shows it."""
        for line in (issuer.name, *issuer.address, issuer.contact):
            self.paragraph(line, width=85)
        below = self.get_y()
        self.set_xy(110, 45)
        for line in (made.payer.name, *made.payer.address):
            self.paragraph(line, left=110, width=90)
        self.set_y(max(below, self.get_y()) + 12)
        self.heading(f"Relevé de {month_name(made.month)}", TITLE_PT, level=0)
        self.paragraph(f"Numéro {number}, du {day(issued)}")

    def heading(self, words: str, size: int = HEADING_PT, level: int = 1) -> None:
        """A heading, in the outline too, never alone at the foot of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(4)
        self.start_section(words, level)
        self.set_font(FONT, "B", size)
        self.multi_cell(0, size * 0.5, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(FONT, size=BODY_PT)
        self.ln(1)

    def paragraph(self, words: str, *, left: float = 10, width: float = 0) -> None:
        """A paragraph, wrapped."""
        if words:
            self.set_x(left)
            self.multi_cell(
                width, LINE_MM, self.known(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )

    def listing(
        self,
        heads: Sequence[str],
        widths: Sequence[int],
        rows: Sequence[Sequence[str]],
        last: Sequence[str] | None = None,
        *,
        words: int,
    ) -> None:
        """A table whose heads come again on each page; the first `words` columns are not money.

        A row of one cell heads those below it.
        """
        aligned = ["LEFT" if n < words else "RIGHT" for n in range(len(heads))]
        bold = FontFace(emphasis="BOLD")
        with self.table(
            col_widths=tuple(widths),
            text_align=tuple(aligned),
            line_height=LINE_MM,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=bold,
            padding=0.6,
            v_align="TOP",
        ) as table:
            for row in (heads, *rows):
                cells = [self.known(cell) for cell in row]
                if len(cells) == 1:
                    table.row(style=bold).cell(cells[0], colspan=len(heads))
                else:
                    table.row(cells)
            if last is not None:
                table.row(last, style=bold)
