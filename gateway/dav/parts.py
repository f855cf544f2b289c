"""HTTP ranges (RFC 9110 14): a part of what would be sent as a whole."""

import re
from collections.abc import Mapping
from typing import Final

from gateway.dav.answer import Answer

RANGE: Final = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


def partial(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """One range of a 200, where that is asked for of this very version; several, or none that is right: the whole."""
    whole = Answer(answer.status, answer.body, answer.content_type, {**answer.headers, "Accept-Ranges": "bytes"})
    if "Range" not in headers:
        return whole
    condition = headers.get("If-Range", "").strip()
    found = RANGE.fullmatch(headers["Range"])
    if found is None or not (found[1] or found[2]) or condition not in {"", answer.headers.get("ETag")}:
        return whole
    length = len(answer.body)
    start = int(found[1]) if found[1] else max(0, length - int(found[2]))
    end = min(int(found[2]) + 1, length) if found[1] and found[2] else length
    if found[1] and found[2] and int(found[2]) < int(found[1]):
        return whole
    if start >= length:
        return Answer(416, headers={"Content-Range": f"bytes */{length}", "Accept-Ranges": "bytes"})
    said = {**whole.headers, "Content-Range": f"bytes {start}-{end - 1}/{length}"}
    return Answer(206, answer.body[start:end], answer.content_type, said)
