"""Objects in one bucket of any S3 service. It is loaded only where a bucket is named: boto3 is large."""

import hashlib
import logging
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as S3ConnectionError

from archive.disk import borrowed_folder, sha256_of
from archive.objects import (
    ObjectDamaged,
    ObjectFacts,
    ObjectMissing,
    Readable,
    StorageDown,
    StoredObject,
    demand_key,
    pieces,
    remove_original,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef, DeleteTypeDef

log = logging.getLogger("archive.storage")


class S3Storage:
    """Objects in one bucket, each with its SHA-256 in its metadata, so that a copy can be checked where it arrives."""

    def __init__(
        self, bucket: str, *, endpoint: str | None, region: str, access_key: str, secret_key: str, lent_dir: Path
    ) -> None:
        """What is lent as a real file is fetched to `lent_dir`, for as long as it is in use."""
        self._bucket = bucket
        self._lent_dir = lent_dir
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            # Services other than Amazon's don't all know the newer checksums; where we rely on one, we ask for it.
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 4},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, path: Path, *, move: bool = False) -> StoredObject:
        stored = StoredObject(demand_key(key), path.stat().st_size, sha256_of(path))
        with _asking(key), path.open("rb") as file:
            self._client.upload_fileobj(file, self._bucket, key, ExtraArgs=_extras(stored))
        if move:
            remove_original(self, stored, path)
        return stored

    def put_bytes(self, key: str, content: bytes) -> StoredObject:
        stored = StoredObject(demand_key(key), len(content), hashlib.sha256(content).hexdigest())
        with _asking(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, **_extras(stored))
        return stored

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        size = self.stat(key).bytes
        stop = min(size, size if end is None else end)
        if start >= stop:
            return iter(())  # A service answers an empty range with an error.
        with _asking(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{stop - 1}")
        return self._stream(key, answer["Body"], stop - start)

    @contextmanager
    def local_path(self, key: str, sha256: str | None = None) -> Iterator[Path]:
        expected = sha256 or self._head(key)["Metadata"].get("sha256")
        with borrowed_folder(self._lent_dir) as folder:
            path = folder / PurePosixPath(key).name
            with _asking(key):
                self._client.download_file(self._bucket, key, str(path))
            if sha256_of(path) != expected:
                raise ObjectDamaged(key=key)
            yield path

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a file whoever put it there, so without a SHA-256 of ours to compare it with."""
        with _asking(key):
            self._client.download_file(self._bucket, demand_key(key), str(path))

    def rename(self, key: str, to: str) -> None:
        """Give an object another key. Killed in between, it lies under both, and doing it again ends it."""
        with _asking(key):
            source: CopySourceTypeDef = {"Bucket": self._bucket, "Key": demand_key(key)}
            self._client.copy(source, self._bucket, demand_key(to))
        self.delete(key)

    def url(self, key: str, seconds: int) -> str | None:
        names = {"Bucket": self._bucket, "Key": demand_key(key)}
        return self._client.generate_presigned_url("get_object", Params=names, ExpiresIn=seconds)

    def stat(self, key: str) -> ObjectFacts:
        head = self._head(key)
        return ObjectFacts(head["ContentLength"], head["LastModified"])

    def exists(self, key: str) -> bool:
        try:
            self._head(key)
        except ObjectMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        with _asking(key):
            self._client.delete_object(Bucket=self._bucket, Key=demand_key(key))

    def delete_prefix(self, prefix: str) -> None:
        for keys in self._pages(demand_key(prefix)):
            with _asking(prefix):
                wanted: DeleteTypeDef = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
                answer = self._client.delete_objects(Bucket=self._bucket, Delete=wanted)
            if kept := answer.get("Errors"):
                log.warning("The S3 service did not delete below %s: %s", prefix, kept[0])
                raise StorageDown

    def list(self, prefix: str) -> Iterator[str]:
        return chain.from_iterable(self._pages(demand_key(prefix)))

    def checksum(self, key: str) -> str:
        digest = hashlib.sha256()
        for piece in self.open(key):
            digest.update(piece)
        return digest.hexdigest()

    def _head(self, key: str) -> Mapping[str, Any]:
        with _asking(key):
            return self._client.head_object(Bucket=self._bucket, Key=demand_key(key))

    def _stream(self, key: str, body: Readable, length: int) -> Iterator[bytes]:
        with _asking(key):
            yield from pieces(key, body, length)

    def _pages(self, prefix: str) -> Iterator[Sequence[str]]:
        """The keys below a folder, as many at a time as one request takes for deletion (1000)."""
        with _asking(prefix):
            listing = self._client.get_paginator("list_objects_v2")
            for page in listing.paginate(Bucket=self._bucket, Prefix=f"{prefix}/"):
                if found := page.get("Contents"):
                    yield [each["Key"] for each in found]


@contextmanager
def _asking(key: str) -> Iterator[None]:
    """Say in our words what an S3 service says in its own; what we don't know rises as it is."""
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise ObjectMissing(key=key) from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            raise
        log.warning("The S3 service failed at %s: %s", key, error)
        raise StorageDown from error
    except (S3ConnectionError, HTTPClientError, IncompleteReadError) as error:
        log.warning("The S3 service did not answer for %s: %s", key, error)
        raise StorageDown from error


def _extras(stored: StoredObject) -> dict[str, Any]:
    """What is kept beside an object: its SHA-256, for whoever fetches it, and its type, for browsers with a link."""
    media_type, _ = mimetypes.guess_type(stored.key, strict=False)
    return {
        "ChecksumAlgorithm": "SHA256",  # The service then refuses what changed on the way to it.
        "ContentType": media_type or "application/octet-stream",
        "Metadata": {"sha256": stored.sha256},
    }
