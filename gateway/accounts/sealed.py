"""Provider tokens and passwords at rest: sealed with a key that lies outside the database."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from gateway.errors import ConfigError

log = logging.getLogger(__name__)


class Sealer:
    """keys: the first one seals, all of them open, so that an old key can be phased out."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        try:
            self._box = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigError("secrets.key_file: holds a line that is no key; a backup of the file has them") from error

    def seal(self, text: str) -> bytes:
        return self._box.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises: ConfigError if none of the keys sealed it."""
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ConfigError("secrets.key_file: does not hold the key that this was sealed with") from error

    def renew(self, sealed: bytes) -> bytes:
        """The same secret under the first key."""
        return self.seal(self.open(sealed))


def load_or_create(path: Path) -> Sealer:
    """The keys of the file, one a line; a new file, readable by its owner only, where there is none.

    Raises: ConfigError.
    """
    try:
        if not path.exists():
            _create(path)
        lines = path.read_bytes().split()
    except OSError as error:
        raise ConfigError(f"secrets.key_file: {path}: {error.strerror}") from error
    if not lines:
        raise ConfigError(f"secrets.key_file: {path} is empty; a backup has its keys")
    return Sealer(lines)


def _create(path: Path) -> None:
    """Whole or not at all, and never over a file that somebody else made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, Fernet.generate_key() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        log.info("%s was made by another process meanwhile; its key counts", path)
    finally:
        draft.unlink()
