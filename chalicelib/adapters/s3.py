"""The bucket of sealed files. Signed URLs pin the exact bytes: length and SHA-256."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from chalicelib.usecases.ports import SignedPut, StoredObject, UploadedPart

PUT_SECONDS = 900  # R34
DELETE_MOST = 1000
AT_ONCE = 8  # calls in flight; the client keeps ten connections
COMPLETE_REFUSALS = {
    "BadDigest",
    "EntityTooSmall",
    "InvalidPart",
    "InvalidPartOrder",
    "InvalidRequest",
    "NoSuchUpload",
    "PreconditionFailed",
}


class S3Bucket:
    """One bucket."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def put_url(self, key: str, size: int, sha256: str, retention: int) -> SignedPut:
        headers = {"if-none-match": "*", "x-amz-checksum-sha256": sha256, "x-amz-tagging": f"retention={retention}"}
        signed = {"ContentLength": size, "IfNoneMatch": "*", "ChecksumSHA256": sha256, "Tagging": headers["x-amz-tagging"]}
        return SignedPut(self._sign("put_object", PUT_SECONDS, Key=key, **signed), headers)

    def start_upload(self, key: str, retention: int) -> str:
        answer = self.client.create_multipart_upload(
            Bucket=self.name, Key=key, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE", Tagging=f"retention={retention}"
        )
        upload_id: str = answer["UploadId"]
        return upload_id

    def part_url(self, key: str, upload_id: str, part: int, size: int, sha256: str) -> SignedPut:
        signed = {"UploadId": upload_id, "PartNumber": part, "ContentLength": size, "ChecksumSHA256": sha256}
        return SignedPut(self._sign("upload_part", PUT_SECONDS, Key=key, **signed), {"x-amz-checksum-sha256": sha256})

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[UploadedPart], size: int) -> bool:
        listed = [{"PartNumber": p.part, "ETag": p.etag, "ChecksumSHA256": p.sha256} for p in parts]
        try:
            self.client.complete_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload_id, MultipartUpload={"Parts": listed}, MpuObjectSize=size, IfNoneMatch="*"
            )
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in COMPLETE_REFUSALS:
                raise
            return False
        return True

    def parts_of(self, uploads: Sequence[tuple[str, str]]) -> Sequence[Sequence[UploadedPart]]:
        with ThreadPoolExecutor(AT_ONCE) as crew:
            return list(crew.map(lambda one: self._parts(*one), uploads))

    def _parts(self, key: str, upload_id: str) -> list[UploadedPart]:
        pages = self.client.get_paginator("list_parts").paginate(Bucket=self.name, Key=key, UploadId=upload_id)
        try:
            listed = [part for page in pages for part in page.get("Parts", [])]
        except self.client.exceptions.NoSuchUpload:  # put together meanwhile, or dropped
            return []
        return [UploadedPart(one["PartNumber"], one["ETag"], one["ChecksumSHA256"]) for one in listed]

    def abort_upload(self, key: str, upload_id: str) -> None:
        try:
            self.client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload_id)
        except self.client.exceptions.NoSuchUpload:
            return

    def describe(self, key: str) -> StoredObject | None:
        try:
            found = self.client.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        except self.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                raise
            return None
        return StoredObject(found["ContentLength"], found["ETag"], found.get("ChecksumSHA256"))

    def describe_all(self, keys: Sequence[str]) -> Sequence[StoredObject | None]:
        with ThreadPoolExecutor(AT_ONCE) as crew:
            return list(crew.map(self.describe, keys))

    def retain(self, keys: Sequence[str], retention: int) -> None:
        with ThreadPoolExecutor(AT_ONCE) as crew:
            list(crew.map(lambda key: self._tag(key, retention), keys))

    def _tag(self, key: str, retention: int) -> None:
        tags = {"TagSet": [{"Key": "retention", "Value": str(retention)}]}
        self.client.put_object_tagging(Bucket=self.name, Key=key, Tagging=tags)

    def read(self, key: str, etag: str, first: int, length: int) -> bytes:
        span = f"bytes={first}-{first + length - 1}"
        body: bytes = self.client.get_object(Bucket=self.name, Key=key, Range=span, IfMatch=etag)["Body"].read()
        if len(body) != length:
            raise ConnectionError(f"{len(body)} bytes came instead of {length}")  # trouble on the line, and no fault of the file
        return body

    def get_url(self, key: str, seconds: int) -> str:
        return self._sign("get_object", seconds, Key=key, ResponseContentType="application/octet-stream")

    def delete(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), DELETE_MOST):
            listed = [{"Key": key} for key in keys[start : start + DELETE_MOST]]
            answer = self.client.delete_objects(Bucket=self.name, Delete={"Objects": listed, "Quiet": True})
            if answer.get("Errors"):
                raise RuntimeError(f"{len(answer['Errors'])} objects were not deleted: {answer['Errors'][0].get('Code')}")

    def _sign(self, operation: str, seconds: int, **params: object) -> str:
        url: str = self.client.generate_presigned_url(operation, Params={"Bucket": self.name, **params}, ExpiresIn=seconds)
        return url
