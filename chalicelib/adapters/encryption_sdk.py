"""The stock AWS Encryption SDK, used to look into what landed. Heavy, so it is loaded when the first file is looked at."""

import logging
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from typing import Any

from cryptography.exceptions import InvalidTag

from chalicelib.domain.envelope import FRAME_LENGTH

logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL + 1)  # it logs key ARNs and tracebacks of refused messages


class SdkInspector:
    """Open the beginning of a message, with one wrapped key at most and commitment required (no cache of keys)."""

    def __init__(self, session: Any, key_arn: str) -> None:
        self.session = session
        self.key_arn = key_arn

    @cached_property
    def _client(self) -> Any:
        from aws_encryption_sdk import EncryptionSDKClient
        from aws_encryption_sdk.identifiers import CommitmentPolicy

        return EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, max_encrypted_data_keys=1)

    @cached_property
    def _provider(self) -> Any:
        from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider

        return StrictAwsKmsMasterKeyProvider(key_ids=[self.key_arn], botocore_session=self.session)

    def opens(self, header: bytes, first_frame: bytes | None, context: Mapping[str, str]) -> bool:
        """Open the header through KMS, compare its context before any frame, then authenticate the first frame, if given."""
        from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

        message = self._client.stream(mode="d", source=BytesIO(header + (first_frame or b"")), key_provider=self._provider)
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
