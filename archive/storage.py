"""Where what is kept lies, behind one narrow interface: a directory of this machine, or any S3 service.

A key is a relative path, like `recordings/4f…/v360/seg-00001.m4s`. SHA-256 is taken while bytes arrive; an object
appears under its key whole or not at all.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from archive.localstorage import LocalStorage
from archive.objects import ObjectDamaged, ObjectFacts, ObjectMissing, Storage, StorageDown, StoredObject
from archive.settings import vault_settings
from sessions.settings import register_settings

if TYPE_CHECKING:
    from archive.s3storage import S3Storage

__all__ = [
    "LocalStorage",
    "ObjectDamaged",
    "ObjectFacts",
    "ObjectMissing",
    "Storage",
    "StorageDown",
    "StoredObject",
    "storage",
    "watched_bucket",
]


@lru_cache
def storage() -> Storage:
    """The storage that the settings name; one per process, since an S3 client is slow to make."""
    settings = vault_settings()
    if settings.storage == "local":
        return LocalStorage(register_settings().data_dir / "storage")
    return _bucket(
        settings.s3_bucket,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )


@lru_cache
def watched_bucket() -> tuple["S3Storage", str] | None:
    """The bucket in which others lay down files for us, and the prefix of their keys; nothing where none is set."""
    settings = vault_settings()
    if not settings.watch_s3_bucket:
        return None
    bucket = _bucket(
        settings.watch_s3_bucket,
        endpoint=settings.watch_s3_endpoint,
        region=settings.watch_s3_region,
        access_key=settings.watch_s3_access_key,
        secret_key=settings.watch_s3_secret_key.get_secret_value(),
    )
    return bucket, settings.watch_s3_prefix


def _bucket(name: str, *, endpoint: str | None, region: str, access_key: str, secret_key: str) -> "S3Storage":
    from archive.s3storage import S3Storage  # boto3 takes 0.1 s and 7 MB, which a site without S3 need not spend.

    return S3Storage(
        name,
        endpoint=endpoint,
        region=region,
        access_key=access_key,
        secret_key=secret_key,
        lent_dir=register_settings().data_dir / "lent",
    )
