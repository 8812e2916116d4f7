"""The PDF of a certificate: what it says, that it can be verified, and that it is the same each time."""

import json
import re
import subprocess
import sys
import time
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from chalicelib import printing, rendering
from chalicelib.domain.certificate import read
from chalicelib.printing import Words
from chalicelib.sheet import plain
from tests.certificates import NOON, a_certificate

TRUE = a_certificate()
SCRIPT = Path(rendering.__file__).parent / "static" / "js" / "verify.js"
SOURCES = [Path(printing.__file__), Path(__file__).parents[2] / "infra" / "verify.py"]
TEMPLATE = Path(rendering.__file__).parent / "templates" / "pages" / "verify.html"


def written(pdf: bytes) -> str:
    """Give the text of every page, as the page shows it: what stands between parentheses in its operators."""
    streams = re.findall(rb"/Length \d+\n>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    pages = [zlib.decompress(stream) for stream in streams if not stream.startswith(b"{")]
    texts = [unescaped(text) for page in pages for text in re.findall(rb"\(((?:[^\\)]|\\.)*)\) Tj", page, re.DOTALL)]
    return " ".join(" ".join(texts).split())


def unescaped(text: bytes) -> str:
    return re.sub(rb"\\(.)", rb"\1", text).decode("cp1252", "replace").replace("\xa0", " ")


def says(language: str, key: str, **values: object) -> str:
    return rendering.sentence(language, f"certificate.{key}", **values).replace("\xa0", " ")


@pytest.mark.parametrize("language", rendering.LANGUAGES)
def test_a_certificate_says_what_was_destroyed_and_when(language: str) -> None:
    text = written(printing.certificate(TRUE, language, "https://clinic.example"))

    for key in ("title", "meaning", "files", "recipients", "remains", "proof", "verify", "ending.expired", "remains.trail", "never_landed"):
        assert all(word in text for word in says(language, key).split())
    for value in (TRUE["transfer"], TRUE["sender"], "https://clinic.example/verify", TRUE["trail"]["sha256"], TRUE["signature"]["value"]):
        assert value in text
    assert TRUE["files"][0]["sha256"] in text
    assert all(one["recipient"] in text for one in TRUE["recipients"])
    assert says(language, "page", page=1, pages=2) in text
    assert "Clinique de l’Été" in text


def test_moments_and_sizes_are_in_words() -> None:
    text = written(printing.certificate(TRUE, "fr"))

    assert "30 novembre 2026 à 15:46" in text
    assert "6,4 Mo" in text
    assert "3 200 000" in text


def test_the_pdf_alone_can_be_verified() -> None:
    pdf = printing.certificate(TRUE, "fr")

    assert read(pdf.decode("latin-1")) == TRUE


def test_the_browser_finds_the_same_certificate_in_the_pdf(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(printing.certificate(TRUE, "en"))
    program = f"""import {{ certificateIn }} from {json.dumps(SCRIPT.as_uri())};
    import {{ readFileSync }} from 'node:fs';
    console.log(JSON.stringify(certificateIn(readFileSync({json.dumps(str(path))}))));"""

    ended = subprocess.run(["node", "--input-type=module", "-e", program], capture_output=True, text=True, check=True)

    assert json.loads(ended.stdout) == TRUE


def test_the_same_certificate_is_the_same_bytes() -> None:
    again = json.loads(json.dumps(TRUE))

    assert printing.certificate(TRUE, "fr") == printing.certificate(again, "fr")
    assert printing.certificate(TRUE, "fr") != printing.certificate(TRUE, "en")


def test_the_pdf_says_its_language_title_and_date() -> None:
    pdf = printing.certificate(TRUE, "fr")

    assert b"/Lang (fr)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert f"/Title (Certificat de destruction {TRUE['transfer']})".encode() in pdf
    assert b"/CreationDate (D:20261130144652Z)" in pdf


@pytest.mark.parametrize(
    "changes",
    [
        {"clinic": {"id": "demo", "name": "Клиника 医院 \U0001f512 \x1f\n\x00 )(\\ <b>**x**</b> {nb}"}},
        {"clinic": {"id": "demo", "name": "x" * 1_000}},
        {"ending": "something_new", "remains": [{"what": "something_else", "days": 1}]},
        {"sealed_at": None, "files": [], "recipients": []},
        {"ended_at": 0, "objects_destroyed_at": 253_370_764_799},
    ],
    ids=["foreign", "long", "unknown", "empty", "far"],
)
def test_anything_a_certificate_may_say_is_printed(changes: dict[str, Any]) -> None:
    odd = a_certificate(**changes)

    assert read(printing.certificate(odd, "fr").decode("latin-1")) == odd


def test_what_the_fonts_lack_becomes_a_question_mark() -> None:
    assert plain("Été à l’hôpital – 5 €\xa0… œ") == "Été à l’hôpital – 5 €\xa0… œ"
    assert plain("a\u202fb\n\x1f\U0001f512") == "a?b???"


def test_five_hundred_files_are_printed_in_less_than_two_seconds() -> None:
    many = a_certificate((500, 97))
    printing.certificate(TRUE, "fr")  # imports
    begun = time.perf_counter()

    text = written(printing.certificate(many, "fr"))

    assert time.perf_counter() - begun < 2
    assert text.count(says("fr", "sha256")) > 10  # heads come again on every page
    assert str(500) in text
    assert many["recipients"][96]["recipient"] in text


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (0, "0 octets", "0 bytes"),
        (999, "999 octets", "999 bytes"),
        (3_215_443, "3,2 Mo", "3.2 MB"),
        (123_456_789, "123 Mo", "123 MB"),
        (2 * 10**12, "2,0 To", "2.0 TB"),
        (10**16, "10000 To", "10000 TB"),
    ],
)
def test_a_size_is_written_as_people_read_it(size: int, french: str, english: str) -> None:
    assert (Words("fr").size(size), Words("en").size(size)) == (french, english)


def test_a_moment_keeps_its_words_together() -> None:
    assert Words("fr").moment(NOON) == "30\xa0novembre 2026 à\xa015:46"
    assert Words("fr").moment(None) == "–"


def test_printing_is_not_imported_with_its_library() -> None:
    line = "import sys, chalicelib.printing; sys.exit('fpdf' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", line], check=False).returncode == 0


def test_printing_warns_of_nothing_without_pillow() -> None:
    lines = (
        "import sys",
        "sys.modules['PIL'] = None",
        "from chalicelib import printing",
        "from tests.certificates import a_certificate",
        "printing.certificate(a_certificate(), 'fr')",
    )

    ended = subprocess.run([sys.executable, "-W", "error", "-c", "; ".join(lines)], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_no_sentence_of_certificates_is_unused() -> None:
    named = set(re.findall(r"""(?:say|known)\(\s*f?["'](\w+)""", "".join(path.read_text("utf-8") for path in SOURCES)))
    named |= set(re.findall(r'"certificate\.(\w+)"', TEMPLATE.read_text("utf-8"))) | {*printing.MOMENTS, *printing.DONE}
    named |= set(re.findall(r'\("(\w+)", \d+\)', SOURCES[0].read_text("utf-8")))
    kept = {key.split(".")[1] for key in rendering.catalogue("fr") if key.startswith("certificate.")}

    assert kept - named == set()


def test_a_signature_is_printed_in_full() -> None:
    key = b64encode(bytes(32)).decode()
    odd = {**TRUE, "signature": {"algorithm": "Ed25519", "key": key, "value": b64encode(bytes(64)).decode()}}

    assert key in written(printing.certificate(odd, "en"))
