"""Voluntary identification (RFC 8292): push services know which server a message comes from."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.webpush.encrypt import new_sender, packed, public_octets, unpacked

LIFE: Final = 12 * 3600
"""Seconds that a claim is good for; at most a day is allowed."""
HEAD: Final = {"typ": "JWT", "alg": "ES256"}


def new_secret() -> str:
    """The secret key, base64url."""
    return packed(new_sender().private_numbers().private_value.to_bytes(32, "big"))


def public_of(secret: str) -> str:
    """As clients get it: the uncompressed point, base64url."""
    return packed(public_octets(_key(secret)))


def authorization(secret: str, resource: str, contact: str, now: int) -> str:
    """The header for a message to a push resource. contact: mailto: or https:, "": none is given."""
    parts = urlsplit(resource)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + LIFE, **({"sub": contact} if contact else {})}
    signed = f"{_part(HEAD)}.{_part(claims)}"
    first, second = decode_dss_signature(_key(secret).sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = first.to_bytes(32, "big") + second.to_bytes(32, "big")
    return f"vapid t={signed}.{packed(signature)}, k={public_of(secret)}"


def _part(values: Mapping[str, object]) -> str:
    return packed(json.dumps(values, separators=(",", ":")).encode())


def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unpacked(secret), "big"), ec.SECP256R1())
