"""What becomes of a cloud's notices on their way, and of the channels that they come through."""

from collections.abc import Sequence
from typing import Any

from tests.sync.clouds import Cloud, GoogleCloud

WAYS: Sequence[str] = ("prompt", "late", "reversed", "twice", "never")
"""How notices go; see the clouds' own Post."""
ENDS: Sequence[str] = ("in silence", "subscriptionRemoved", "reauthorizationRequired", "missed")
CHANNELS = {"google": "/watch", "outlook": "/subscriptions"}
"""In the path of every request by which one is opened, and at Microsoft renewed."""


def send(cloud: Cloud, way: str) -> None:
    """From now on."""
    notices = cloud.simulator.notices
    notices.post = type(notices.post)(way)


def release(cloud: Cloud) -> None:
    """What was kept back goes now, and what comes goes as it should."""
    cloud.simulator.notices.release()


async def arrived(cloud: Cloud) -> None:
    """All that were sent so far."""
    await cloud.simulator.delivered()


def lose(cloud: Cloud) -> None:
    """Those that were kept back, and all to come."""
    cloud.simulator.notices.held.clear()
    send(cloud, "never")


def channels(cloud: Cloud) -> list[str]:
    """Names of those that are open, the oldest first."""
    return list(_open(cloud))


def end(cloud: Cloud, how: str) -> None:
    """Trouble with all channels; Google has no word for any, and Microsoft may say none too."""
    if isinstance(cloud, GoogleCloud) or how == "in silence":
        _open(cloud).clear()
        return
    for name in channels(cloud):
        cloud.simulator.subscriptions.tell(how, name)


def _open(cloud: Cloud) -> dict[str, Any]:
    return cloud.simulator.state.channels if isinstance(cloud, GoogleCloud) else cloud.simulator.subscriptions.made
