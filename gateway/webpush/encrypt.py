"""Message encryption (RFC 8291, over RFC 8188): the push service sees how long a message is, nothing else."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import InvalidSubscription

CODING: Final = "aes128gcm"
RECORD: Final = 4096
MOST: Final = 4096 - 86 - 16 - 1
"""Octets of a message: what push services have to take, less the head, the tag and the octet that ends it."""
LAST: Final = b"\x02"


@dataclass(frozen=True, slots=True)
class Recipient:
    """public: uncompressed point on P-256. secret: the 16 octets that authenticate us."""

    public: bytes
    secret: bytes = field(repr=False)


def read_recipient(public: str, secret: str) -> Recipient:
    """Of the base64url that clients register. Raises: InvalidSubscription."""
    found = Recipient(unpacked(public), unpacked(secret))
    if len(found.secret) != 16:
        raise InvalidSubscription("an auth-secret has 16 octets")
    _point(found.public)
    return found


def packed(octets: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    """Of base64url or base64, padded or not. Raises: InvalidSubscription."""
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        octets = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError as error:
        raise InvalidSubscription("a key is no base64url") from error
    if packed(octets) != plain:
        raise InvalidSubscription("a key is no base64url")
    return octets


def new_sender() -> ec.EllipticCurvePrivateKey:
    """Each message has its own."""
    return ec.generate_private_key(ec.SECP256R1())


def public_octets(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(text: bytes, to: Recipient, *, salt: bytes | None = None, sender: ec.EllipticCurvePrivateKey) -> bytes:
    """The body to be posted.

    text: at most MOST octets. salt: 16 octets, None: random ones. sender: never used before.
    """
    salt = os.urandom(16) if salt is None else salt
    public = public_octets(sender)
    shared = sender.exchange(ec.ECDH(), _point(to.public))
    secret = _derived(shared, to.secret, b"WebPush: info\x00" + to.public + public, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4, "big") + len(public).to_bytes(1, "big") + public
    return head + AESGCM(key).encrypt(nonce, text + LAST, None)


def _derived(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, about).derive(secret)


def _point(octets: bytes) -> ec.EllipticCurvePublicKey:
    try:
        if len(octets) != 65:
            raise InvalidSubscription("a subscription-public-key is an uncompressed point on P-256")
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)
    except ValueError as error:
        raise InvalidSubscription("a subscription-public-key is an uncompressed point on P-256") from error
