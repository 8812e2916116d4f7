"""The stock AWS Encryption SDK, used to look into what landed. Heavy, so it is loaded when the first file is looked at.

The data key comes unwrapped: trouble with KMS is met, and told from a bad file, before the SDK sees anything.
"""

import logging
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any

from cryptography.exceptions import InvalidTag

from chalicelib.domain.envelope import FRAME_LENGTH

logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL + 1)  # it logs key ARNs and tracebacks of refused messages


@cache
def _client() -> Any:
    from aws_encryption_sdk import EncryptionSDKClient
    from aws_encryption_sdk.identifiers import CommitmentPolicy

    return EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, max_encrypted_data_keys=1)


def _holder(data_key: bytes) -> Any:
    """Make the SDK's idea of somebody who holds this data key and no other."""
    from aws_encryption_sdk.key_providers.base import MasterKeyProvider, MasterKeyProviderConfig
    from aws_encryption_sdk.structures import DataKey

    class Holder(MasterKeyProvider):  # type: ignore[misc]
        provider_id = "aws-kms"
        _config_class = MasterKeyProviderConfig

        def _new_master_key(self, key_id: str) -> None:
            raise NotImplementedError(key_id)

        def decrypt_data_key_from_list(self, encrypted_data_keys: Any, algorithm: Any, encryption_context: Any) -> Any:  # noqa: ARG002
            (only,) = encrypted_data_keys
            return DataKey(key_provider=only.key_provider, data_key=data_key, encrypted_data_key=only.encrypted_data_key)

    return Holder()


class SdkInspector:
    """Open the beginning of a message: one wrapped key, commitment required, no cache of keys."""

    def opens(self, header: bytes, first_frame: bytes | None, context: Mapping[str, str], data_key: bytes) -> bool:
        """Open the header, compare its context before any frame, then authenticate the first frame, if given."""
        from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

        message = _client().stream(mode="d", source=BytesIO(header + (first_frame or b"")), key_provider=_holder(data_key))
        try:
            if dict(message.header.encryption_context) != dict(context):
                return False
            if first_frame is not None:
                message.read(FRAME_LENGTH)
        except (AWSEncryptionSDKClientError, InvalidTag):
            return False
        finally:
            message.footer = None  # the end of the message is not here to be read; without this, closing complains of it
        return True
