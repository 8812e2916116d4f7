"""The clinic's KMS key."""

from collections.abc import Mapping
from typing import Any


class KmsVault:
    """Wrap and unwrap keys. KMS refuses a context that is not the one the key was wrapped under."""

    def __init__(self, client: Any, key_arn: str) -> None:
        self.client = client
        self._key_arn = key_arn

    @property
    def key_arn(self) -> str:
        return self._key_arn

    def new_data_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        answer = self.client.generate_data_key(KeyId=self._key_arn, KeySpec="AES_256", EncryptionContext=dict(context))
        return answer["Plaintext"], answer["CiphertextBlob"]

    def wrap(self, clear: bytes, context: Mapping[str, str]) -> bytes:
        wrapped: bytes = self.client.encrypt(KeyId=self._key_arn, Plaintext=clear, EncryptionContext=dict(context))["CiphertextBlob"]
        return wrapped

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        answer = self.client.decrypt(KeyId=self._key_arn, CiphertextBlob=wrapped, EncryptionContext=dict(context))
        clear: bytes = answer["Plaintext"]
        return clear
