"""Identifiers: 128 random bits each, opaque, safe in keys, URLs and encryption contexts."""

import re
from base64 import b32encode
from typing import NewType

TransferId = NewType("TransferId", str)
RecipientId = NewType("RecipientId", str)
MemberId = NewType("MemberId", str)
NoticeId = NewType("NoticeId", str)
SessionKey = NewType("SessionKey", str)
ChallengeKey = NewType("ChallengeKey", str)

ID_BYTES = 16  # 128 bits, R31
ID_SHAPE = re.compile(r"[a-z2-7]{26}")


def id_from(random: bytes) -> str:
    """Write 16 random bytes as 26 characters of lower-case base32."""
    if len(random) != ID_BYTES:
        raise ValueError("an id is made of 16 random bytes")
    return b32encode(random).decode().rstrip("=").lower()


def is_id(text: str) -> bool:
    """Tell whether a text has the shape of an id."""
    return ID_SHAPE.fullmatch(text) is not None
