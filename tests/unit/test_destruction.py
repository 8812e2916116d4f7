"""The record of a clinic's destruction: only the whole of it, signed by whom the clinic commissioned, is genuine."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.usecases.commission import commission
from infra import destruction, verify
from tests.certificates import tampered
from tests.fakes import fake_ports

CLINIC = {"id": "lilas", "name": "Lilas", "account": "0", "region": "eu-west-3"}
TAKEN = {"trail.jsonl": {"lines": 1, "sha256": "ab" * 32}}
ORDER = {"clinic": CLINIC, "stack": "arn", "taken_out": TAKEN, "remains": [{"resource": "KeysTable", "kind": "table", "name": "keys"}]}


def a_record(folder: Path, **changes: Any) -> tuple[dict[str, Any], bytes]:
    """Have one commissioned and completed; give the clinic's key too."""
    ports = fake_ports()
    key = b64encode(destruction.new_key(folder)).decode()
    signed = commission(destruction.digest(ORDER), key, ports)
    done = [{"resource": "KeysTable", "kind": "table", "name": "keys", "done": "deleted"}]
    said = {"format": destruction.FORMAT, "order": ORDER, "commission": signed, "agreed": "now", "finished": "later", "destroyed": done}
    return destruction.completed({**said, **changes}, folder), ports.secrets.public_key()


def test_what_the_clinic_commissioned_is_genuine(tmp_path: Path) -> None:
    record, key = a_record(tmp_path)

    assert destruction.read(json.dumps(record, indent=2)) == record
    assert destruction.genuine(record, key)
    assert destruction.genuine(record)
    assert not destruction.genuine(record, bytes(32))


def test_a_record_with_anything_changed_is_never_genuine(tmp_path: Path) -> None:
    record, key = a_record(tmp_path)
    changed = list(tampered(record))

    assert len(changed) > len(record)
    for one in changed:
        try:
            read = destruction.read(json.dumps(one))
        except Invalid:
            continue
        assert read is None or not destruction.genuine(read, key)


def test_another_order_or_another_hand_is_not_what_was_commissioned(tmp_path: Path) -> None:
    record, key = a_record(tmp_path)
    destruction.new_key(tmp_path)

    other_hand = destruction.completed({**record, "finished": "much later"}, tmp_path)
    more = destruction.completed({**record, "order": {**ORDER, "remains": [{"resource": "RecordsTable"}]}}, tmp_path)

    assert not destruction.genuine(other_hand, key)
    assert not destruction.genuine(more, key)


def test_without_commission_or_key_a_record_says_why_it_is_not_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, key = a_record(tmp_path)
    destruction.forget_key(tmp_path)

    lost = destruction.completed(record, tmp_path)
    never = destruction.completed({**record, "commission": None, "why_unsigned": "the key is gone"}, tmp_path)

    assert "was not there at the end" in lost["why_unsigned"]
    for one in (lost, never):
        assert not destruction.genuine(one, key)
        (tmp_path / "destruction.json").write_text(json.dumps(one))
        assert verify.main([str(tmp_path / "destruction.json"), "--lang", "fr"]) == verify.NOT_GENUINE
        assert "Non signé" in capsys.readouterr().out


def test_the_key_that_signs_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    destruction.new_key(tmp_path)

    assert (tmp_path / destruction.KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("order", "key"), [("x", b64encode(bytes(32)).decode()), ("ab" * 32, "short"), ("ab" * 32, None)])
def test_a_clinic_commissions_an_order_by_its_digest_and_a_key_and_nothing_else(order: str, key: Any) -> None:
    with pytest.raises(ValueError, match="a commission names"):
        commission(order, key, fake_ports())


def test_a_commission_can_be_taken_for_no_certificate(tmp_path: Path) -> None:
    record, _ = a_record(tmp_path)
    (tmp_path / "commission.json").write_text(json.dumps(record["commission"]))

    assert verify.main([str(tmp_path / "commission.json")]) == verify.UNREADABLE
