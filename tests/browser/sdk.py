"""The stock AWS Encryption SDK, with the key of the clinic in the embedded AWS: what a recovery tool or another program would use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import AlgorithmSuite, CommitmentPolicy
from aws_encryption_sdk.key_providers.kms import KMSMasterKey, KMSMasterKeyConfig
from aws_encryption_sdk.materials_managers import EncryptionMaterials, EncryptionMaterialsRequest
from aws_encryption_sdk.materials_managers.base import CryptoMaterialsManager
from aws_encryption_sdk.structures import DataKey, EncryptedDataKey, MasterKeyInfo

from chalicelib.domain.envelope import FRAME_LENGTH
from tests.stack import Stack

SUITE = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY  # 0x0478
POLICY = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT


class OneKey(CryptoMaterialsManager):
    """Give every message the data key of one draft, as KMS wrapped it: the API takes headers that hold no other."""

    def __init__(self, key_arn: str, clear: bytes, wrapped: bytes) -> None:
        info = MasterKeyInfo("aws-kms", key_arn)
        self.key = DataKey(key_provider=info, data_key=clear, encrypted_data_key=wrapped)
        self.wrapped = EncryptedDataKey(key_provider=info, encrypted_data_key=wrapped)

    def get_encryption_materials(self, request: EncryptionMaterialsRequest) -> EncryptionMaterials:
        return EncryptionMaterials(
            algorithm=request.algorithm or SUITE,
            data_encryption_key=self.key,
            encrypted_data_keys={self.wrapped},
            encryption_context=request.encryption_context,
        )

    def decrypt_materials(self, request: Any) -> Any:
        raise NotImplementedError


def opened(clinic: Stack, message: bytes, context: Mapping[str, str]) -> bytes:
    """Open a whole message through KMS, and compare what its header says of itself."""
    key = KMSMasterKey(config=KMSMasterKeyConfig(key_id=clinic.key_arn, client=clinic.client("kms")))
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=POLICY, max_encrypted_data_keys=1)
    clear, header = client.decrypt(source=message, key_provider=key)
    assert dict(header.encryption_context) == dict(context)
    assert header.algorithm is SUITE
    assert header.frame_length == FRAME_LENGTH
    return bytes(clear)


def sealed(keys: OneKey, clear: bytes, context: Mapping[str, str]) -> bytes:
    """Seal a whole message."""
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=POLICY)
    message, _ = client.encrypt(
        source=clear, materials_manager=keys, encryption_context=dict(context), algorithm=SUITE, frame_length=FRAME_LENGTH
    )
    return bytes(message)
