"""gateway demo."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click

from gateway.cli.screen import headline, progress, say
from gateway.config import Settings
from gateway.demo.live import live
from gateway.demo.world import World, check_free, running_world
from gateway.listen import listen, run, set_up_logging


@click.command()
@click.option("--port", default=5232, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps the demo's state.")
def demo(port: int, data: Path | None) -> None:
    """Everything running at once, on this machine, with simulated clouds; no account needed.

    Without --data all of it is forgotten at the end. Ctrl-C ends it.
    """
    set_up_logging(quiet=True)
    check_free(port)
    if data is not None:
        run(lambda: _running(data.resolve(), port))
        return
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as folder:
        run(lambda: _running(Path(folder), port))


@asynccontextmanager
async def _running(folder: Path, port: int) -> AsyncIterator[None]:
    today = datetime.now().astimezone().date()
    async with running_world(folder, today) as world:
        settings = world.settings(f"http://127.0.0.1:{port}", f"127.0.0.1:{port}")
        with progress("Connecting accounts") as bar:
            async with live(
                world, settings, lambda done, total, note: bar.update(done=done, total=total, note=note)
            ) as app:
                runner = await listen(app, settings.server.listen)
                try:
                    _tell(world, settings)
                    yield
                finally:
                    say("\nEnding the demo ...")
                    await runner.cleanup()


def _tell(world: World, settings: Settings) -> None:
    base = settings.server.base_url
    headline("\nThe gateway's demo is running. Ctrl-C ends it.\n")
    say("  People            alice, bob, carol (all @example.com), password: demo; team: sales (all three)")
    say("  Alice has         a simulated Google, Outlook and Zoom, and a calendar of her own here")
    say(f"  One calendar      {base}/dav/calendars/alice/merged/")
    say(f"  Booking page      {base}/alice")
    say(f"  Mails sent        {base}/demo/mail")
    say(f"  At the providers  {base}/demo   (change something there, and see it arrive)")
    say(f"  Signed in         {base}/app")
    say(f"  Free/busy         {base}/freebusy/bob.ifb\n")
    headline("  In Thunderbird")
    say("    1. Calendar, New Calendar, On the Network")
    say(f"    2. User name: alice   Location: {base}")
    say("    3. Find Calendars, password: demo, choose Alice Weber, Subscribe")
    say("    4. To see a colleague's free time: new event, Invite Attendees, bob@example.com\n")
    headline("  On the command line")
    say(f"    gateway --config {world.folder}/gateway.toml freebusy alice bob carol --from today")
    say(f"    gateway --config {world.folder}/gateway.toml account list\n")
