"""How notices leave a simulated cloud: to addresses on this machine only, one at a time."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from gateway.config import is_loopback

T = TypeVar("T")


class Post(StrEnum):
    """How notices go: as they should, kept until they are released (in order, or the last first), each twice, never."""

    PROMPT = "prompt"
    LATE = "late"
    REVERSED = "reversed"
    TWICE = "twice"
    NEVER = "never"


@dataclass(slots=True)
class Outgoing(Generic[T]):
    """Addresses and what they are to be told, in order unless `post` says otherwise.

    answers: the status of every delivery.
    """

    queue: "asyncio.Queue[tuple[str, T]]" = field(default_factory=asyncio.Queue)
    post: Post = Post.PROMPT
    held: list[tuple[str, T]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def send(self, address: str, notice: T) -> None:
        if not is_loopback(urlsplit(address).hostname or ""):
            return
        if self.post in {Post.LATE, Post.REVERSED}:
            self.held.append((address, notice))
        elif self.post is not Post.NEVER:
            for _ in range(2 if self.post is Post.TWICE else 1):
                self.queue.put_nowait((address, notice))

    def release(self) -> None:
        """What was held goes now, and what comes goes as it should."""
        held = self.held[::-1] if self.post is Post.REVERSED else self.held
        self.post, self.held = Post.PROMPT, []
        for address, notice in held:
            self.send(address, notice)
