"""Signing in at Google and Microsoft from a terminal: an address is shown, and somebody goes there."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.accounts.oauth import google
from gateway.accounts.oauth.device import DeviceSignIn
from gateway.accounts.oauth.flow import Granted, Wanted, read_flow
from gateway.accounts.ways import DEVICE
from gateway.cli.accounts.loopback import listening, pasted
from gateway.cli.screen import headline, progress, say, warn
from gateway.config import Settings
from gateway.errors import InvalidRequest, UsageError

LASTS: Final = 600.0
"""Seconds that somebody has for a sign-in at Google; Microsoft says it by itself."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """settings, secret: for add_account."""

    settings: Mapping[str, str]
    secret: str = field(repr=False)


def check_somebody(kind: str, *, wait: bool) -> None:
    """Raises: UsageError where nobody would see an address or could go there."""
    if not wait and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"no terminal to sign in at; 'gateway account add {kind} -h' names the other ways, and --wait shows the"
            " address and waits all the same"
        )


async def at_google(settings: Settings, access: str, port: int) -> SignedIn:
    """Raises: InvalidRequest, ConfigError, BackendUnavailable."""
    async with listening(port) as waiting:
        begun = google.begin(settings, Wanted(waiting.uri, access))
        waiting.expect(begun.state)
        headline("Open this address in a browser and sign in at Google:")
        say(begun.url)
        if sys.stdin.isatty():
            say("Is the browser on another machine? It will then end at an address beginning with")
            say(f"{waiting.uri} that it cannot open: paste that address here.")
            pasted(waiting.take_url, lambda: warn("That is not the address of this sign-in; paste all of it."))
        try:
            query = await waiting.answer(LASTS)
        except TimeoutError as error:
            raise InvalidRequest("nobody signed in within ten minutes; run the command again") from error
    if "code" not in query:
        raise InvalidRequest("the sign-in was not allowed; nothing was connected")
    granted = await asyncio.to_thread(google.complete, settings, read_flow(begun.kept), query)
    return _signed_in(granted)


async def at_microsoft(settings: Settings, access: str) -> SignedIn:
    """Raises: InvalidRequest, ConfigError, BackendUnavailable."""
    device = DeviceSignIn(settings, access)
    await asyncio.to_thread(device.begin)
    headline("Open this address in any browser, enter the code and sign in at Microsoft:")
    say(f"{device.url}   code: {device.code}")
    with progress("Waiting for the sign-in"):
        granted = None
        while granted is None:
            await asyncio.sleep(device.interval)
            granted = await asyncio.to_thread(device.look)
    return _signed_in(granted, sign_in=DEVICE)


def _signed_in(granted: Granted, **more: str) -> SignedIn:
    told = {"email": granted.email} if granted.email else {}
    return SignedIn({"access": granted.access, **told, **more}, granted.secret)
