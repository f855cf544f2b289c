"""DKIM signatures (RFC 6376), for mail servers that do not sign themselves."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gateway.config import Mail
from gateway.errors import ConfigError

SIGNED: Final = (
    *(b"from", b"sender", b"to", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references"),
    *(b"mime-version", b"content-type", b"auto-submitted"),
)


def signer(settings: Mail, sender: str) -> Callable[[bytes], bytes] | None:
    """Puts the signature in front of a mail of that sender; None where mails are not signed here.

    Raises: ConfigError, where the key cannot be read or used.
    """
    if not settings.dkim_selector:
        return None
    if settings.dkim_key_file is None:
        raise ConfigError("[mail] dkim_key_file: the private key for dkim_selector is needed")
    key = _key(settings.dkim_key_file)
    domain = settings.dkim_domain or sender.rpartition("@")[2]

    def sign(content: bytes) -> bytes:
        head = b"\r\n" + content.partition(b"\r\n\r\n")[0].lower()
        present = [name for name in SIGNED if b"\r\n" + name + b":" in head]
        try:
            line = dkim.sign(
                content,
                settings.dkim_selector.encode(),
                domain.encode("idna"),
                key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=present,
            )
        except (dkim.DKIMException, ValueError) as error:
            raise ConfigError(f"[mail] dkim_key_file: mails cannot be signed with it: {error}") from error
        return bytes(line) + content

    return sign


@lru_cache(maxsize=4)
def _key(file: Path) -> bytes:
    """PKCS #1 in PEM, as the signing library wants it, from whichever form openssl wrote."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise ConfigError(f"[mail] dkim_key_file: {file}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"[mail] dkim_key_file: {file} is no private key without a password") from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"[mail] dkim_key_file: {file} is no RSA key, which is what every mail server checks")
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
