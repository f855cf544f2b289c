"""A small push service that takes nothing but what RFC 8030, 8291 and 8292 allow, and the clients that it tells.

It reads messages with its own few lines of RFC 8188, so that it is no mirror of what it tests.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TOKEN = re.compile(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)")
DAY = 86_400


def octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.new(salt, secret, hashlib.sha256).digest()


@dataclass
class Device:
    """A client's end: where it is told, and its keys. messages: as read. topics, urgencies: of the requests."""

    resource: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen octets!!"
    messages: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    urgencies: list[str] = field(default_factory=list)

    @property
    def public(self) -> str:
        return text_of(point(self.key))

    @property
    def auth(self) -> str:
        return text_of(self.secret)

    def read(self, body: bytes) -> str:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert (size > len(record) - 1, length, len(body) <= 4096) == (True, 65, True)
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        about = b"WebPush: info\0" + point(self.key) + sender + b"\x01"
        shared = extract(extract(self.secret, self.key.exchange(ec.ECDH(), theirs)), about)
        derived = extract(salt, shared)
        key = extract(derived, b"Content-Encoding: aes128gcm\0\x01")[:16]
        nonce = extract(derived, b"Content-Encoding: nonce\0\x01")[:12]
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert plain[-1:] == b"\x02"
        return plain[:-1].decode()


@dataclass
class PushService:
    """key: the only one whose messages are taken, as RFC 8292 4 has it. answers: said next instead of 201.

    refused: what was wrong with requests. asked: how many came.
    """

    clock: Callable[[], float]
    root: str = ""
    key: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    asked: int = 0

    def device(self, name: str) -> Device:
        return self.devices.setdefault(name, Device(f"{self.root}/push/{name}"))

    async def take(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.Response(status=status, headers=headers)
        device = self.devices.get(request.match_info["name"])
        if device is None:
            return web.Response(status=404)
        wrong = self.wrong(request)
        if wrong:
            self.refused.append(wrong)
            return web.Response(status=400, text=wrong)
        device.messages.append(device.read(await request.read()))
        device.topics.append(request.headers["Topic"])
        device.urgencies.append(request.headers["Urgency"])
        return web.Response(status=201, headers={"Location": f"{self.root}/message/1"})

    def wrong(self, request: web.Request) -> str:
        headers = request.headers
        if not headers.get("TTL", "").isdigit():
            return "no TTL"
        if headers.get("Content-Encoding") != "aes128gcm":
            return "not encrypted"
        if not re.fullmatch(r"[\w-]{1,32}", headers.get("Topic", "none")):
            return "no such topic"
        if headers.get("Urgency", "normal") not in {"very-low", "low", "normal", "high"}:
            return "no such urgency"
        return self.wrong_claim(headers.get("Authorization", ""))

    def wrong_claim(self, header: str) -> str:
        found = TOKEN.fullmatch(header)
        if found is None:
            return "no vapid"
        head, claims, signature, key = found.groups()
        if key != self.key:
            return "another server's key"
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(key))
        raw = octets(signature)
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return "signature"
        said = json.loads(octets(claims))
        if json.loads(octets(head)) != {"typ": "JWT", "alg": "ES256"} or said["aud"] != self.root:
            return "audience"
        if not self.clock() < said["exp"] <= self.clock() + DAY:
            return "expiry"
        return "" if said.get("sub", "mailto:").startswith(("mailto:", "https:")) else "contact"


@asynccontextmanager
async def running_push_service(clock: Callable[[], float]) -> AsyncIterator[PushService]:
    service = PushService(clock)
    app = web.Application()
    app.router.add_post("/push/{name}", service.take)
    async with TestServer(app) as server:
        service.root = str(server.make_url("")).rstrip("/")
        yield service
