"""Devices that work without a link, known by a key that never leaves them.

The key is made by the browser (WebCrypto, not extractable): ECDSA on P-256 with SHA-256, its signatures as 64 bytes
r and s (IEEE P1363), its public half as SubjectPublicKeyInfo. All travel in base64url without padding.
"""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from sqlalchemy import select

from sessions import clock
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.models import DeviceKey, Person

_HALF = 32  # Bytes of r and of s on P-256.


class DeviceKeyUnfit(Invalid):
    code = "device-key-unfit"
    vi = "Khóa của thiết bị không đúng dạng. Hãy tải lại trang rồi thử lại."
    en = "The key of the device has the wrong form. Load the page again and retry."


class DeviceKeyTaken(Conflict):
    code = "device-key-taken"
    vi = "Khóa của thiết bị này thuộc về một tài khoản khác. Hãy đăng xuất, đăng nhập lại rồi thử lại."
    en = "The key of this device belongs to another account. Sign out, sign in again and retry."


def register(db: Db, person: Person, public_key: str, device: str) -> DeviceKey:
    """Take a device's public key as this person's, or find it where it was taken before."""
    thumbprint = hashlib.sha256(_encoded(_loaded(public_key))).hexdigest()
    known = db.scalar(select(DeviceKey).where(DeviceKey.thumbprint == thumbprint))
    if known is None:
        known = DeviceKey(
            person_id=person.id,
            public_key=public_key,
            thumbprint=thumbprint,
            device=device[:300],
            registered_at=clock.now(),
        )
        db.add(known)
        db.flush()
    if known.person_id != person.id:
        raise DeviceKeyTaken
    return known


def has_signed(key: DeviceKey, message: str, signature: str) -> bool:
    """Whether this device's key made this signature over the text's UTF-8."""
    try:
        raw = decode(signature)
    except DeviceKeyUnfit:
        return False
    if len(raw) != 2 * _HALF:
        return False
    pair = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
    try:
        _loaded(key.public_key).verify(pair, message.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def decode(text: str) -> bytes:
    """Bytes from base64url, with padding or without; `DeviceKeyUnfit` for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DeviceKeyUnfit from error


def _loaded(public_key: str) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_der_public_key(decode(public_key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DeviceKeyUnfit from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DeviceKeyUnfit
    return key


def _encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    # The point itself: one key can be written down in several ways.
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
