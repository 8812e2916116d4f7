"""The command that verifies a certificate without a network."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib import printing, rendering
from chalicelib.domain.certificate import checked
from chalicelib.domain.errors import Invalid
from infra.verify import GENUINE, NOT_GENUINE, UNREADABLE, genuine, main, opened
from tests.certificates import KEY, a_certificate, signed, tampered

TRUE = a_certificate()
SHOWN = b64encode(KEY).decode()
OTHER = b64encode(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(TRUE, ensure_ascii=False), encoding="utf-8")
    return path


def is_readable(statement: dict[str, Any]) -> bool:
    try:
        return checked(statement) == statement
    except Invalid:
        return False


def says(language: str, key: str, **values: object) -> str:
    return rendering.sentence(language, f"certificate.{key}", **values)


def test_a_true_certificate_is_genuine() -> None:
    assert genuine(TRUE, KEY)
    assert genuine(TRUE)


def test_a_certificate_with_any_field_changed_is_never_genuine() -> None:
    changed = list(tampered(TRUE))
    readable = [one for one in changed if is_readable(one)]

    assert len(changed) > len(TRUE) * 3
    assert len(changed) - len(readable) == 3  # another format, another algorithm, a number where a digest should be
    assert not [one for one in readable if genuine(one) or genuine(one, KEY)]


def test_a_certificate_that_somebody_else_signed_is_not_genuine_for_the_clinics_key() -> None:
    impostor = Ed25519PrivateKey.from_private_bytes(bytes(32))
    stated = {**TRUE, "signature": {**TRUE["signature"], "key": OTHER}}

    assert not genuine(stated, KEY)
    assert not genuine(TRUE, impostor.public_key().public_bytes_raw())


@pytest.mark.parametrize("name", ["certificate.json", "certificate.pdf"])
def test_what_is_opened_is_what_was_signed(tmp_path: Path, name: str) -> None:
    content = printing.certificate(TRUE, "fr") if name.endswith("pdf") else json.dumps(TRUE, ensure_ascii=False, indent=1).encode()
    (tmp_path / name).write_bytes(content)

    assert opened(tmp_path / name) == TRUE


def test_a_genuine_certificate_is_told_in_words(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main([str(file), "--key", SHOWN])

    told = capsys.readouterr().out
    assert status == GENUINE
    assert TRUE["transfer"] in told
    assert "30 November 2026 at 15:46" in told.replace("\xa0", " ")
    assert says("en", "ending.expired") in told
    assert says("en", "said_genuine") in told


def test_the_answer_is_in_french_for_who_asks(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file), "--key", SHOWN, "--lang", "fr"]) == GENUINE

    assert says("fr", "said_genuine") in capsys.readouterr().out


def test_without_a_key_the_one_inside_is_shown_to_be_compared(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main([str(file)])

    told = capsys.readouterr().out
    assert status == GENUINE
    assert says("en", "said_consistent") in told
    assert SHOWN in told
    assert says("en", "said_genuine") not in told


@pytest.mark.parametrize("key", [OTHER, None])
def test_a_certificate_that_is_not_genuine_says_so(tmp_path: Path, key: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(TRUE if key else {**TRUE, "ended_at": 1}), encoding="utf-8")

    status = main([str(path), *(["--key", key] if key else [])])

    told = capsys.readouterr().out
    assert status == NOT_GENUINE
    assert says("en", "said_false") in told


@pytest.mark.parametrize("content", [b"", b"{}", b"%PDF-1.7 a letter", b"\xff\xfe", b"\x00" * 100, None])
def test_a_file_without_a_certificate_is_unreadable(tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "letter.pdf"
    if content is not None:
        path.write_bytes(content)

    assert main([str(path)]) == UNREADABLE

    assert says("en", "said_unreadable") in capsys.readouterr().out


def test_what_a_hostile_certificate_says_commands_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = signed({**TRUE, "clinic": {"id": "demo", "name": "\x1b[2J\r\u202eGenuine\n"}, "ending": "made_up"})
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(hostile), encoding="utf-8")

    main([str(path)])

    told = capsys.readouterr().out
    assert not {"\x1b", "\r", "\u202e"} & set(told)
    assert "made_up" in told


@pytest.mark.parametrize("key", ["", "abc", b64encode(bytes(31)).decode(), "é"])
def test_a_key_that_is_none_is_refused(file: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(file), "--key", key])

    assert "32 bytes" in capsys.readouterr().err


def test_it_is_a_command(file: Path) -> None:
    ended = subprocess.run([sys.executable, "-m", "infra.verify", str(file), "--key", SHOWN], capture_output=True, check=False)

    assert ended.returncode == GENUINE
