"""Passwords checked by one of Radicale's auth plugins, so that people keep the ones they have."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from radicale import auth, config

from gateway.config import Auth
from gateway.errors import BackendUnavailable, ConfigError

THREADS: Final = 4
BY_HEADER: Final = "http_x_remote_user"


class RadicaleLogin:
    """One plugin and the few threads it may block: hashing is slow, and so are LDAP and IMAP servers.

    Nothing is remembered here; Radicale's own cache of logins stays off unless its options turn it on.
    Raises: ConfigError if the plugin cannot work with its options.
    """

    def __init__(self, settings: Auth) -> None:
        values = config.load()
        try:
            values.update({"auth": {**settings.radicale, "type": settings.type}}, "[auth.radicale]")
            self._plugin = auth.load(values)
        except (RuntimeError, ValueError, OSError, ImportError) as error:
            raise ConfigError(f"auth.radicale: {error}") from error
        self._type = settings.type
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="radicale-auth")

    async def login(self, user: str, password: str, remote_address: str = "") -> str | None:
        """The name the person is known by after the plugin's own rules (lower case, no domain, …); None: refused.

        Raises: BackendUnavailable if the plugin says that it cannot ask; IMAP, Dovecot and OAuth2 say "refused" then.
        """
        if not user or not password or self._type == BY_HEADER:
            return None  # an empty password is an anonymous bind to LDAP; that header's plugin checks none at all
        return await self._ask(user, password, remote_address)

    async def remote_user(self, header: str) -> str | None:
        """The same for X-Remote-User as a trusted proxy sent it; None unless that is the type of sign-in.

        The caller makes sure that the header is the proxy's own.
        """
        if self._type != BY_HEADER or not header:
            return None
        return await self._ask(header, "", "")

    async def _ask(self, user: str, password: str, remote_address: str) -> str | None:
        context = auth.AuthContext()  # type: ignore[no-untyped-call]  # Radicale leaves this one untyped
        context.remote_addr = context.x_remote_addr = remote_address
        running = asyncio.get_running_loop()
        try:
            name, _, _ = await running.run_in_executor(self._pool, self._plugin.login, user, password, context)
        except (RuntimeError, OSError) as error:
            raise BackendUnavailable(f"sign-in by {self._type} does not work at the moment") from error
        return name or None

    def close(self) -> None:
        """Lets the threads end; a question still open is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
