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
from gateway.demo.carrier import Carrier
from gateway.demo.feed import FeedServer
from gateway.demo.google.simulator import GoogleSimulator
from gateway.demo.mail import MailCatcher
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.demo.seed import at_google, at_microsoft, here, people
from gateway.demo.seed.week import Week, week_of
from gateway.demo.zoom import ZoomSimulator
from gateway.errors import ConfigError

POLL: Final = 15
POLL_WITH_PUSH: Final = 300
STATE: Final = "demo.json"
INDEX: Final = "gateway.sqlite"
KEPT: Final = ("google", "microsoft", "mail", "zoom")
NAMES: Final = ("google", "microsoft", "feed", "mail", "zoom")


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
    carrier: Carrier
    zoom: ZoomSimulator

    def settings(self, base_url: str, listen: str, *, push: bool = True) -> Settings:
        """Those of a gateway that lives in this world. push: the clouds call it when something changes there."""
        ca_file = self.microsoft.ca_file
        return Settings(
            server=Server(base_url=base_url, listen=listen),
            database=Database(url=f"sqlite:///{self.folder}/{INDEX}"),
            secrets=Secrets(key_file=self.folder / "secret.key"),
            google=self.google.settings(),
            microsoft=Microsoft(
                client_id=self.microsoft.client_id,
                client_secret=SecretStr(self.microsoft.client_secret),
                authority=self.microsoft.authority,
                graph_endpoint=self.microsoft.graph_endpoint,
                permissions_url=f"{self.microsoft.pages}/connections",
                ca_file=ca_file,
            ),
            zoom=self.zoom.settings(),
            mail=Mail.model_validate(
                {
                    "smtp_url": self.mail.url,
                    "from": "Gateway demo <calendar@example.com>",
                    "invitations": "all",  # nobody but the clouds of the demo sends any
                }
            ),
            sync=Sync(poll=POLL, push=push, poll_with_push=POLL_WITH_PUSH),
            limits=Limits(private_networks=("127.0.0.0/8",)),
        )

    def settled(self) -> None:
        """From now on the demo goes on where it was, whenever it ends."""
        ports = {"feed": _port(self.feed.url), "google": _port(self.google.root), "mail": _port(self.mail.url)}
        ports |= {"microsoft": _port(self.microsoft.authority), "zoom": _port(self.zoom.root)}
        _write(self.folder, STATE, {"monday": self.week.monday.isoformat(), "ports": ports})


def _write(folder: Path, name: str, state: object) -> None:
    """Whole or not at all: a demo that is killed goes on where it was."""
    draft = folder / f"{name}.new"
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(folder / name)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


@asynccontextmanager
async def running_world(
    folder: Path, today: date, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[World]:
    """Starts everything and, at the end, stops it. Its state is kept in the folder with every change.

    The ports of the last time are taken again where they are free, as addresses of accounts hold them.
    Raises: ConfigError for a folder that is not a demo's.
    """
    known = _begin(folder)
    world = _world(folder, known, today, clock)
    ports = {name: _free_or_any(known.get("ports", {}).get(name, 0)) for name in NAMES}
    parts = (
        (world.google, "google"),
        (world.microsoft, "microsoft"),
        (world.feed, "feed"),
        (world.mail, "mail"),
        (world.zoom, "zoom"),
    )
    started: list[Any] = []
    try:
        for part, name in parts:
            await part.start(port=ports[name])
            started.append(part)
        yield world
    finally:
        for part in reversed(started):
            await part.stop()


def _world(folder: Path, known: Mapping[str, Any], today: date, clock: Callable[[], datetime]) -> World:
    """Not started yet; filled with the seed, or with what it held the last time."""
    week = Week(date.fromisoformat(known["monday"])) if known else week_of(today)
    kept = {name: _read(folder, f"{name}.json") for name in KEPT} if known else {}

    def google_changed() -> None:
        _write(folder, "google.json", google.to_json())
        carrier.look()

    def microsoft_changed() -> None:
        _write(folder, "microsoft.json", microsoft.state())
        carrier.look()

    google = GoogleSimulator(clock, kept.get("google"), on_change=google_changed)
    microsoft = MicrosoftSimulator(clock, folder / "demo-ca.pem", on_change=microsoft_changed)

    def zoom_changed() -> None:
        _write(folder, "zoom.json", zoom.state.to_json())

    zoom = ZoomSimulator(clock, kept.get("zoom"), on_change=zoom_changed)
    mail = MailCatcher(lambda: clock().timestamp(), lambda: _write(folder, "mail.json", mail.state()))
    carrier = Carrier(google, microsoft, mail)
    mail.on_mail = carrier.caught
    if known:
        microsoft.restore(kept["microsoft"])
        mail.restore(kept["mail"])
    else:
        at_google.fill(google, week)
        at_microsoft.fill(microsoft, week)
        for address, name in people.AT_ZOOM:
            zoom.add_user(address, name)
        zoom_changed()
        _write(folder, "google.json", google.to_json())
        _write(folder, "mail.json", mail.state())
    carrier.begin()
    return World(folder, week, not known, google, microsoft, FeedServer(here.feed(week)), mail, carrier, zoom)


def _begin(folder: Path) -> Mapping[str, Any]:
    """What is known of the demo that lives there; {} for a new one.

    A first start that was broken off is begun anew. Raises: ConfigError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known: Mapping[str, Any] = _read(folder, STATE) if (folder / STATE).exists() else {}
    if known.get("monday"):
        return known
    if not known and (folder / INDEX).exists():
        raise ConfigError(f"{folder} holds a {INDEX} that is not the demo's; give --data an empty folder")
    _write(folder, STATE, {"monday": ""})
    for left in folder.glob(f"{INDEX}*"):
        left.unlink()
    return {}


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def check_free(port: int) -> None:
    """Before much is set up for a server that then could not listen. Raises: ConfigError."""
    if not _free_or_any(port):
        raise ConfigError(f"port {port} is taken; name another one with --port")


def _free_or_any(port: int) -> int:
    """The port if nobody has it, else 0: any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
