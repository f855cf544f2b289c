"""Log lines without the secrets that pass through here: passwords, tokens, cookies, the addresses of private feeds."""

import logging
import re
from typing import Final

GONE: Final = "[removed]"
NAMED: Final = r"[\w-]*(?:password|passwd|pwd|secret|token|assertion|csrf|api[_-]?key|private[_-]?key|verifier)"
PATTERNS: Final = (
    # Authorization: Basic …, 'Cookie': '…'
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?[\"']?\s*[:=,]\s*)[^\r\n]+"), rf"\1\2{GONE}"),
    (re.compile(r"(?i)\b(basic|bearer|digest)\s+[A-Za-z0-9+/=._~-]{4,}"), rf"\1 {GONE}"),
    # password=…, "refresh_token": "…"
    (
        re.compile(
            rf"(?i)\b({NAMED})(\\?[\"']?\s*[:=]\s*)(?:[bru]{{0,2}}\"[^\"]*\"|[bru]{{0,2}}'[^']*'|[^\s,;&)}}\]]+)"
        ),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"(?i)([?&](?:code|state|key|sig|nonce|session)=)[^\s&\"']+"), rf"\1{GONE}"),
    # Of any address only the host: paths hold the keys of private feeds, queries hold tokens.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)(?:[^\s/@]*@)?([^\s/?#\"'<>]*)[/?#][^\s\"'<>]+"), r"\1\2/…"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), rf"\1{GONE}@"),
    (re.compile(r"(/feeds/)[^\s\"'?]+"), rf"\1{GONE}"),
    # Whatever looks like a token by itself: JSON Web Tokens, sealed texts, random names.
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}"), GONE),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{32,}={0,2}"), GONE),
)


def redact(text: str) -> str:
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redacting(logging.Formatter):
    """Works on the finished text, so that tracebacks and what they quote are covered."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
