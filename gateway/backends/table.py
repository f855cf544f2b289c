"""All kinds of account, by the name people and the index call them."""

from collections.abc import Mapping
from typing import Final

from gateway.backends import caldav, colleague, feed, google, local, outlook, radicale
from gateway.backends.base import Row

BACKENDS: Final[Mapping[str, Row]] = {
    row.kind: row for row in (google.ROW, outlook.ROW, caldav.ROW, feed.ROW, colleague.ROW, radicale.ROW, local.ROW)
}
