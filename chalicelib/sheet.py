"""A sheet to print on: text, headings and tables one under the other. fpdf2 is imported on first use."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

INK, MUTED, LINE, WAX = (28, 27, 26), (95, 90, 85), (210, 202, 191), (163, 38, 42)  # near those of site.css
LEFT, TOP, WIDTH, FOOT = 24.0, 24.0, 162.0, 26.0  # mm, on A4
TEXT, BODY = "Helvetica", 9.5  # running text: its font, which every reader of PDF has, and its size in points
GAP = 2.5  # mm between columns whose text turns
PAGES = "\x1f" * 4  # stands for the number of pages until it is known; no text of ours has it


def plain(text: str) -> str:
    """Keep what the fonts of every PDF reader can show; anything else becomes "?"."""
    shown = "".join(character if character.isprintable() or character == "\xa0" else "?" for character in text)
    return shown.encode("cp1252", "replace").decode("cp1252")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its head, its width in mm, and how its text stands."""

    head: str
    width: float
    align: str = "L"
    font: str = TEXT


class Sheet:
    """A document of A4 pages, begun on its first one.

    `foot` says what page it is, of the number it is on and a sign for how many there are; `mark` stands across from it.
    """

    def __init__(self, foot: Callable[[int, str], str], mark: str) -> None:
        self.pdf = _blank(foot, mark)
        self.pdf.add_page()

    def text(self, text: str, size: float = BODY, colour: tuple[int, int, int] = INK, font: str = TEXT, left: float = LEFT) -> None:
        """Write a paragraph from `left` to the right margin."""
        self.pdf.set_font(font, size=size)
        self.pdf.set_text_color(*colour)
        self.pdf.set_x(left)
        height = size * (0.44 if font == "Times" else 0.5)  # mm for each line
        self.pdf.multi_cell(LEFT + WIDTH - left, height, plain(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def heading(self, text: str, room: float = 30) -> None:
        """Begin a section, on a new page when there is no room (mm) for its beginning."""
        self.pdf.ln(8)
        self.together(room)
        self.text(text, 15, font="Times")
        self.pdf.ln(1)

    def together(self, height: float) -> None:
        """Begin a new page unless so much (mm) still fits on this one."""
        if self.pdf.will_page_break(height):
            self.pdf.add_page()

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], height: float = 5.6, lines: int = 1) -> None:
        """Write a table; its heads come again on every page. With two lines a row, text may turn once."""
        self.pdf.ln(1)
        self._heads(columns)
        for row in rows:
            if self.pdf.will_page_break(height):
                self.pdf.add_page()
                self._heads(columns)
            self._row(columns, row, height, lines)

    def _heads(self, columns: Sequence[Column]) -> None:
        if any(column.head for column in columns):
            self.pdf.set_text_color(*MUTED)
            self.pdf.set_font(TEXT, size=8)
            for column in columns:
                self.pdf.cell(column.width, 6, plain(column.head), align=column.align)
            self.pdf.ln(6)
        self.rule()

    def _row(self, columns: Sequence[Column], row: Sequence[str], height: float, lines: int) -> None:
        top = self.pdf.get_y()
        self.pdf.set_text_color(*INK)
        for column, text in zip(columns, row, strict=True):
            self.pdf.set_font(column.font, size=8 if column.font == "Courier" else 8.5)
            if lines == 1:
                self.pdf.cell(column.width, height, plain(text), align=column.align)
            else:
                padding = (height - lines * 3.8) / 2
                self.pdf.set_xy(self.pdf.get_x(), top + padding)
                left = self.pdf.get_x()
                self.pdf.multi_cell(column.width - GAP, 3.8, plain(text), align=column.align)
                self.pdf.set_x(left + column.width)
        self.pdf.set_xy(LEFT, top + height)
        self.rule()

    def rule(self) -> None:
        """Draw a thin line across."""
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_line_width(0.15)
        self.pdf.line(LEFT, self.pdf.get_y(), LEFT + WIDTH, self.pdf.get_y())


def _blank(foot: Callable[[int, str], str], mark: str) -> "FPDF":
    """Prepare a document without pages."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Pillow could not be imported", UserWarning)  # there are no pictures here
        from fpdf import FPDF

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-16)
            self.set_text_color(*MUTED)
            self.set_font(TEXT, size=8)
            self.cell(WIDTH / 2, 4, plain(foot(self.page_no(), "#")).replace("#", PAGES))
            self.set_font("Courier", size=8)
            self.cell(WIDTH / 2, 4, plain(mark), align="R")

    pdf = Paper(format="A4")
    pdf.core_fonts_encoding = "windows-1252"
    pdf.c_margin = 0
    pdf.set_margins(LEFT, TOP, LEFT)
    pdf.set_auto_page_break(auto=True, margin=FOOT)
    pdf.alias_nb_pages(PAGES)
    return pdf
