"""Everything outside the gateway that the demo needs, running on this machine: two clouds, a feed, a mail server."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from gateway.config import Database, Limits, Mail, Microsoft, Secrets, Server, Settings, Sync
from gateway.demo.feed import FeedServer
from gateway.demo.google.simulator import GoogleSimulator
from gateway.demo.mail import MailCatcher
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.demo.seed import at_google, at_microsoft, here
from gateway.demo.seed.week import Week, week_of

POLL: Final = 15
STATE: Final = "demo.json"
NAMES: Final = ("google", "microsoft", "feed", "mail")


@dataclass(frozen=True, slots=True)
class World:
    """folder: where all of it is kept. week: the days the seed is built around; fresh: nothing was there before."""

    folder: Path
    week: Week
    fresh: bool
    google: GoogleSimulator
    microsoft: MicrosoftSimulator
    feed: FeedServer
    mail: MailCatcher

    def settings(self, base_url: str, listen: str) -> Settings:
        """Those of a gateway that lives in this world."""
        ca_file = self.microsoft.ca_file
        return Settings(
            server=Server(base_url=base_url, listen=listen),
            database=Database(url=f"sqlite:///{self.folder}/gateway.sqlite"),
            secrets=Secrets(key_file=self.folder / "secret.key"),
            google=self.google.settings(),
            microsoft=Microsoft(
                client_id=self.microsoft.client_id,
                client_secret=SecretStr(self.microsoft.client_secret),
                authority=self.microsoft.authority,
                graph_endpoint=self.microsoft.graph_endpoint,
                ca_file=ca_file,
            ),
            mail=Mail.model_validate({"smtp_url": self.mail.url, "from": "Gateway demo <calendar@example.com>"}),
            sync=Sync(poll=POLL),
            limits=Limits(private_networks=("127.0.0.0/8",)),
        )

    def save(self) -> None:
        """Whole or not at all: a demo that is killed goes on where it was."""
        state = {
            "monday": self.week.monday.isoformat(),
            "ports": {"feed": _port(self.feed.url), "google": _port(self.google.root), "mail": _port(self.mail.url)}
            | {"microsoft": _port(self.microsoft.authority)},
            "google": self.google.to_json(),
            "microsoft": self.microsoft.state(),
            "mail": self.mail.state(),
        }
        draft = self.folder / f"{STATE}.new"
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self.folder / STATE)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


@asynccontextmanager
async def running_world(
    folder: Path, today: date, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[World]:
    """Starts everything; ends it, and keeps its state in the folder.

    The ports of the last time are taken again where they are free, as addresses of accounts hold them.
    """
    known = _read(folder)
    week = Week(date.fromisoformat(known["monday"])) if known else week_of(today)
    google = GoogleSimulator(clock, known.get("google"))
    microsoft = MicrosoftSimulator(clock, folder / "demo-ca.pem")
    world = World(
        folder,
        week,
        not known,
        google,
        microsoft,
        FeedServer(here.feed(week)),
        MailCatcher(lambda: clock().timestamp()),
    )
    if known:
        microsoft.restore(known["microsoft"])
        world.mail.restore(known["mail"])
    else:
        at_google.fill(google, week)
        at_microsoft.fill(microsoft, week)
    ports = {name: _free_or_any(known.get("ports", {}).get(name, 0)) for name in NAMES}
    parts = ((google, "google"), (microsoft, "microsoft"), (world.feed, "feed"), (world.mail, "mail"))
    started: list[Any] = []
    try:
        for part, name in parts:
            await part.start(port=ports[name])
            started.append(part)
        yield world
        world.save()
    finally:
        for part in reversed(started):
            await part.stop()


def _read(folder: Path) -> Mapping[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / STATE
    if not file.exists():
        return {}
    state: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return state


def _free_or_any(port: int) -> int:
    """The port if nobody has it, else 0: any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
