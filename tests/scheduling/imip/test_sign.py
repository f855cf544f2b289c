"""DKIM: what we sign, others can check."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.config import Mail
from gateway.errors import ConfigError
from gateway.scheduling.imip.sign import signer

MAIL = b"From: a@example.com\r\nTo: b@example.org\r\nSubject: x\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def published(name: bytes, timeout: int = 5) -> bytes:
    """What the DNS would say."""
    assert name == b"calendar._domainkey.example.com."
    spki = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(spki)


def settings(folder, kind: PrivateFormat = PrivateFormat.PKCS8, **more: str) -> Mail:
    file = folder / "key.pem"
    file.write_bytes(KEY.private_bytes(Encoding.PEM, kind, NoEncryption()))
    return Mail(dkim_selector="calendar", dkim_key_file=file, **more)


@pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["pkcs8", "pkcs1"])
def test_a_signature_can_be_checked(tmp_path, kind):
    sign = signer(settings(tmp_path, kind), "a@example.com")
    assert sign is not None
    signed = sign(MAIL)
    assert signed.endswith(MAIL)
    assert dkim.verify(signed, dnsfunc=published)
    assert not dkim.verify(signed.replace(b"Hello", b"Hallo"), dnsfunc=published)
    assert not dkim.verify(signed.replace(b"Subject: x", b"Subject: y"), dnsfunc=published)


def test_the_domain_may_be_another_than_the_senders(tmp_path):
    sign = signer(settings(tmp_path, dkim_domain="example.com"), "a@sub.example.com")
    assert sign is not None
    assert b"d=example.com;" in sign(MAIL)


def test_without_a_selector_nothing_is_signed():
    assert signer(Mail(), "a@example.com") is None


def test_keys_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(ConfigError, match="is needed"):
        signer(Mail(dkim_selector="x"), "a@example.com")
    with pytest.raises(ConfigError, match="No such file"):
        signer(Mail(dkim_selector="x", dkim_key_file=tmp_path / "none"), "a@example.com")
    other = tmp_path / "ed25519.pem"
    key = ed25519.Ed25519PrivateKey.generate()
    other.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ConfigError, match="no RSA key"):
        signer(Mail(dkim_selector="x", dkim_key_file=other), "a@example.com")
    (tmp_path / "junk").write_text("junk")
    with pytest.raises(ConfigError, match="no private key"):
        signer(Mail(dkim_selector="x", dkim_key_file=tmp_path / "junk"), "a@example.com")
