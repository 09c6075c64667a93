"""A phone as a test plays it: its key, and the log that it keeps while it has no link."""

import base64
import hashlib
import json
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from archive import leases, offline


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Phone:
    """One browser of one person, with the key that it made for itself."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = encode(spki)

    def sign(self, message: str) -> str:
        r, s = decode_dss_signature(self._key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def proof(self, recording, person) -> str:
        return self.sign(leases.proof_text(recording.id, person.id))


class Log:
    """The log of one lease, as the phone's page writes it."""

    def __init__(self, phone, lease_id):
        self.phone, self.lease_id = phone, lease_id
        self.number, self.head = 0, leases.first_link(lease_id)
        self.run, self.began = uuid4(), 0

    def start(self, at):
        """The player starts, and with it a new run of the monotonic clock."""
        self.run, self.began = uuid4(), int(at.timestamp() * 1000)
        return self

    def write(self, start, end, *played, **changed) -> str:
        """One entry of the span `start..end` of the run, in seconds; `played` as the span itself unless given."""
        entry = {
            "lease": str(self.lease_id),
            "number": self.number,
            "previous": self.head,
            "run": str(self.run),
            "began": self.began,
            "span_start": start,
            "span_end": end,
            "played": [list(each) for each in played or [(start, end, 1.0)]],
            "hidden_seconds": 0,
            "muted_seconds": 0,
        }
        text = json.dumps(entry | changed)
        self.number, self.head = self.number + 1, hashlib.sha256(text.encode()).hexdigest()
        return text

    def watch(self, seconds, step=15.0) -> list[str]:
        """Entries of so many seconds from the beginning of the recording on."""
        starts = [n * step for n in range(int(-(-seconds // step)))]
        return [self.write(start, min(start + step, seconds)) for start in starts]

    def sign(self, texts) -> str:
        digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        return self.phone.sign(offline.piece_text(self.lease_id, digests))
