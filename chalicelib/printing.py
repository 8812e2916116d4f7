"""Print destruction certificates as PDF."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.rendering import moment_in_words, sentence
from chalicelib.sheet import LEFT, LINE, MUTED, TEXT, TOP, WAX, Column, Sheet

if TYPE_CHECKING:
    from fpdf import FPDF

LABEL = 44.0  # mm, of the column that names facts
MOMENTS = ("created_at", "sealed_at", "expires_at", "ended_at", "keys_destroyed_at", "objects_destroyed_at")
DONE = ("told_at", "opened_at", "collected_at", "revoked_at")
# The seal in dust, as templates/pages/seal.html draws it on 64 by 64: centres and radii.
DUST = """15.3 41 2;49.7 45.4 2.2;43.1 50.7 2.4;20.8 49.1 2.6;29.2 46.9 1.5;34.2 53.3 2.9;26 54 1.6;38.5 43.9 1.2;22.9 38.8 1.1;
34.3 37.1 1.4;44.2 37.2 1;27.6 29.7 1.2;38.6 28.7 .9;32 21.1 .9;19.8 28.3 .8;46.8 26.3 .8"""


def certificate(statement: Mapping[str, Any], language: str, origin: str = "") -> bytes:
    """Print a certificate with the signed JSON inside; the same statement makes the same bytes.

    `origin` is the public address of the clinic, without a slash at the end.
    """
    words = Words(language)
    sheet = Sheet(lambda page, pages: words.say("page", page=page, pages=pages), statement["transfer"])
    _describe(sheet.pdf, words, statement)
    _opening(sheet, words, statement)
    _facts(sheet, words, statement)
    _files(sheet, words, statement["files"])
    _recipients(sheet, words, statement["recipients"])
    _remains(sheet, words, statement["remains"])
    _proof(sheet, words, statement)
    _verification(sheet, words, f"{origin}/verify")
    return bytes(sheet.pdf.output())


def embedded(statement: Mapping[str, Any]) -> bytes:
    """Write a certificate so that it is found inside a PDF read as Latin-1: the format first, and ASCII only."""
    return json.dumps({"format": statement["format"], **statement}).encode("ascii")


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of certificates, in one language."""

    language: str

    def say(self, key: str, **values: object) -> str:
        """Say one sentence."""
        return sentence(self.language, f"certificate.{key}", **values)

    def known(self, kind: str, code: str) -> str:
        """Put a code in words, or leave it as it is where there are none."""
        try:
            return self.say(f"{kind}.{code}")
        except KeyError:
            return code

    def moment(self, instant: int | None, never: str = "\u2013") -> str:
        """Write an instant, its first and last words never alone at the edge of a line, or what to say when it never came."""
        text = never if instant is None else moment_in_words(self.language, instant)
        return "\xa0".join(text.replace(" ", "\xa0", 1).rsplit(" ", 1))

    def number(self, value: int) -> str:
        """Write a whole number in groups of three digits."""
        return f"{value:,}".replace(",", self.say("thousands_mark"))

    def size(self, size: int) -> str:
        """Write a number of bytes as people read it: "3,2 Mo"."""
        power = min(4, (len(str(size)) - 1) // 3)
        value = size / 1000**power
        digits = 1 if power and value < 100 else 0  # noqa: PLR2004 - as format.js does
        return self.say(f"size.{power}", size=f"{value:.{digits}f}".replace(".", self.say("decimal_mark")))

    def facts(self, statement: Mapping[str, Any]) -> list[tuple[str, str]]:
        """List what there is to know of a transfer: what, and its value in words."""
        moments = [(self.say(name), self.moment(statement[name], self.say("never"))) for name in MOMENTS]
        moments.insert(4, (self.say("ending"), self.known("ending", statement["ending"])))
        clinic = statement["clinic"]
        return [
            (self.say("clinic"), f"{clinic['name']} ({clinic['id']})"),
            (self.say("transfer"), statement["transfer"]),
            (self.say("sender"), statement["sender"]),
            *moments,
        ]


def _describe(pdf: "FPDF", words: Words, statement: Mapping[str, Any]) -> None:
    """Say what document it is, and put the signed JSON inside."""
    from fpdf.prefs import ViewerPreferences

    made = datetime.fromtimestamp(statement["objects_destroyed_at"], UTC)
    pdf.set_creation_date(made)
    pdf.set_title(f"{words.say('title')} {statement['transfer']}")
    pdf.set_lang(words.language)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    name = f"certificate-{statement['transfer'][:8]}.json"
    pdf.embed_file(bytes=embedded(statement), basename=name, mime_type="application/json", creation_date=made, modification_date=made)


def _opening(sheet: Sheet, words: Words, statement: Mapping[str, Any]) -> None:
    """Draw the seal, in dust, and say in two sentences what is certified."""
    pdf = sheet.pdf
    _draw_dust(pdf, LEFT - 1.5, TOP - 4, 24 / 64)
    pdf.set_y(TOP)
    sheet.text(words.say("title"), 26, font="Times", left=LEFT + 34)
    sheet.text(statement["clinic"]["name"], 11, MUTED, left=LEFT + 34)
    pdf.set_y(max(pdf.get_y(), TOP + 20) + 8)
    keys, objects = (words.moment(statement[f"{what}_destroyed_at"]) for what in ("keys", "objects"))
    sheet.text(words.say("lead", keys=keys, objects=objects, count=len(statement["files"])), 13.5, font="Times")
    pdf.ln(2.5)
    sheet.text(words.say("meaning"), colour=MUTED)


def _draw_dust(pdf: "FPDF", left: float, top: float, scale: float) -> None:
    pdf.set_draw_color(*LINE)
    pdf.set_fill_color(*WAX)
    pdf.set_line_width(0.5)
    pdf.set_dash_pattern(1.2, 1.2)
    pdf.circle(left + 32 * scale, top + 32 * scale, 28 * scale)
    pdf.set_dash_pattern()
    for grain in DUST.split(";"):
        x, y, radius = map(float, grain.split())
        pdf.circle(left + x * scale, top + y * scale, radius * scale, style="F")


def _facts(sheet: Sheet, words: Words, statement: Mapping[str, Any]) -> None:
    """Say which transfer it was, and when what happened to it."""
    sheet.pdf.ln(7)
    sheet.rule()
    for label, value in words.facts(statement):
        top = sheet.pdf.get_y() + 1.3
        sheet.pdf.set_y(top)
        sheet.text(label, colour=MUTED)
        sheet.pdf.set_y(top)
        sheet.text(value, font="Courier" if value in (statement["transfer"], statement["sender"]) else TEXT, left=LEFT + LABEL)
        sheet.pdf.ln(1.3)
        sheet.rule()
    sheet.pdf.ln(1.5)
    sheet.text(words.say("times"), 8, MUTED)


def _files(sheet: Sheet, words: Words, files: Sequence[Mapping[str, Any]]) -> None:
    """List the files by number, with what was in the bucket."""
    sheet.heading(words.say("files"))
    clear, sealed = (words.size(sum(one[f"{kind}_bytes"] for one in files)) for kind in ("clear", "sealed"))
    sheet.text(words.say("files_total", count=len(files), clear=clear, sealed=sealed), colour=MUTED)
    rights = [Column(words.say(name), width, "R") for name, width in (("number", 9), ("clear_bytes", 31), ("sealed_bytes", 31))]
    columns = [*rights, Column("", 6), Column(words.say("sha256"), 85, font="Courier")]
    rows = [
        (
            words.number(one["file"] + 1),
            words.number(one["clear_bytes"]),
            words.number(one["sealed_bytes"]),
            "",
            one["sha256"] or words.say("never_landed"),
        )
        for one in files
    ]
    sheet.table(columns, rows)


def _recipients(sheet: Sheet, words: Words, recipients: Sequence[Mapping[str, Any]]) -> None:
    """List the recipients by their ids, with what they did."""
    sheet.heading(words.say("recipients"))
    sheet.text(words.say("recipients_hint"), colour=MUTED)
    columns = [Column(words.say("recipient"), 48, font="Courier"), *(Column(words.say(name), 28.5) for name in DONE)]
    sheet.table(columns, [(one["recipient"], *(words.moment(one[name]) for name in DONE)) for one in recipients], 10, lines=2)


def _remains(sheet: Sheet, words: Words, remains: Sequence[Mapping[str, Any]]) -> None:
    """Say what remains of the transfer, and for how long."""
    sheet.heading(words.say("remains"), 20 + 6.4 * len(remains))
    rows = [(words.known("remains", one["what"]), words.say("days", count=one["days"])) for one in remains]
    sheet.table([Column("", 138), Column("", 24, "R")], rows, 6.4)


def _proof(sheet: Sheet, words: Words, statement: Mapping[str, Any]) -> None:
    """Give the digest of the trail, the key and the signature."""
    trail, signature = statement["trail"], statement["signature"]
    sheet.heading(words.say("proof"), 52)
    for label, value in (
        (words.say("trail", count=trail["events"]), trail["sha256"]),
        (words.say("key"), signature["key"]),
        (words.say("signature", algorithm=signature["algorithm"]), signature["value"]),
    ):
        sheet.pdf.ln(1)
        sheet.text(label, 8.5, MUTED)
        sheet.text(value, 8.5, font="Courier")
        sheet.pdf.ln(1)


def _verification(sheet: Sheet, words: Words, page: str) -> None:
    """Say how to verify it, on the clinic's page and without a network."""
    sheet.heading(words.say("verify"), 48)
    sheet.text(words.say("verify_page", page=page))
    sheet.pdf.ln(2)
    sheet.text(words.say("verify_command"))
    sheet.text("python -m infra.verify certificate.pdf --key \u2026", 8.5, font="Courier")
    sheet.pdf.ln(2)
    sheet.text(words.say("verify_paper"))
