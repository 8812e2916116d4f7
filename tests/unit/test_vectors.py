"""The shared vectors and the browser's sealing, against the stock AWS Encryption SDK."""

import base64
import gc
import json
import logging
import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from cryptography.exceptions import InvalidTag

TESTS = Path(__file__).parent.parent
VECTORS = TESTS / "vectors"
MAKE = SimpleNamespace(**runpy.run_path(str(VECTORS / "make.py")))
ENVELOPE: dict[str, Any] = json.loads((VECTORS / "envelope.json").read_text(encoding="utf-8"))
SIZES = (0, 1, 4096, 65535, 65536, 65537, 131072, 8 * 1024 * 1024 + 1)

# Bad files that the stock SDK opens. It takes bytes after the final frame and other frame lengths, leaves the context to KMS
# (which our key here is not), and does not know what the manifest says.
STOCK_OPENS = {
    *("final_doubled", "header_and_frames", "hundred_bytes_more", "one_byte_more", "same_message_twice", "second_message"),
    *("frame_length_4096", "frame_length_65535", "frame_length_65537", "empty_last_frame", "empty_wrapped_key"),
    *("less_context", "more_context", "no_context", "other_clinic", "other_transfer", "unsorted_context"),
    *("manifest_larger", "manifest_more_frames", "manifest_other_context", "manifest_other_digest"),
    *("manifest_other_message_id", "manifest_smaller"),
}


def test_the_vectors_are_those_that_make_writes() -> None:
    assert {name: (VECTORS / name).read_text(encoding="utf-8") for name in MAKE.texts()} == MAKE.texts()


@pytest.mark.parametrize("frames_per_part", [128, 100])
def test_the_stock_sdk_opens_what_the_browser_seals(tmp_path: Path, frames_per_part: int) -> None:
    small = MAKE.BASE["small"]
    order = {
        "data_key": base64.b64encode(small.data_key).decode(),
        "wrapped_key": base64.b64encode(small.wraps[0][2]).decode(),
        "key_arn": MAKE.KEY_ARN,
        "context": small.context,
        "frames_per_part": frames_per_part,
        "sizes": SIZES,
    }

    subprocess.run(["node", TESTS / "js" / "seal.js", tmp_path], input=json.dumps(order).encode(), check=True)

    for size in SIZES:
        clear, header = MAKE.stock_open(small.data_key, (tmp_path / str(size)).read_bytes())
        assert clear == MAKE.pattern(size)
        assert header.encryption_context == small.context
        assert len(header.encrypted_data_keys) == 1


@pytest.mark.parametrize("message", MAKE.GOOD, ids=lambda message: str(message.name))
def test_the_stock_sdk_opens_every_good_message(message: Any) -> None:
    clear, header = MAKE.stock_open(message.data_key, message.header() + message.frames())

    assert clear == MAKE.pattern(message.size)
    assert header.encryption_context == message.context


def stock_opens(bad: dict[str, Any]) -> bool:
    sealed = MAKE.built(bad["header"]) + MAKE.built(bad["frames"])
    try:
        MAKE.stock_open(base64.b64decode(bad["data_key"]), sealed)
    except (AWSEncryptionSDKClientError, InvalidTag):
        return False
    return True


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its half-read streams, when collected
def test_where_the_stock_sdk_is_more_lenient_is_known(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="aws_encryption_sdk")

    opened = {bad["name"] for bad in ENVELOPE["bad_files"] if stock_opens(bad)}
    gc.collect()

    assert opened == STOCK_OPENS
