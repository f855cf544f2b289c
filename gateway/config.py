"""All settings: one typed model, read from a TOML file and GATEWAY_<SECTION>__<KEY> in the environment."""

import os
import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.errors import ConfigError

DEFAULT_FILE = Path("config/gateway.toml")


def is_loopback(host: str) -> bool:
    """Whether a URL's host names this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def secure_endpoint(url: str) -> str:
    """https anywhere, or http on this machine; no trailing slash."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return url.rstrip("/")
    raise ValueError("must be an https URL (http only for this machine)")


def web_root(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be the http(s) URL people reach this server at")
    return url.rstrip("/")


def address(text: str) -> str:
    if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s]*):\d{1,5}", text):
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:5232")
    return text


def network(text: str) -> str:
    """A network (10.0.0.0/8), an address, or a host name."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        if re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?", text) and not re.fullmatch(r"[0-9.]+", text):
            return text.lower()
        raise ValueError(f"{text!r} is neither a network, such as 10.0.0.0/8, nor a host name") from None


Endpoint = Annotated[str, AfterValidator(secure_endpoint)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Server(Section):
    base_url: Annotated[str, AfterValidator(web_root)] = Field(
        "http://127.0.0.1:5232", description="URL people reach this server at; links in mails start with it"
    )
    listen: Annotated[str, AfterValidator(address)] = Field("127.0.0.1:5232", description="HOST:PORT to listen on")
    workers: int = Field(1, ge=1, le=64, description="processes that answer requests")
    trusted_proxies: tuple[str, ...] = Field((), description="addresses whose X-Forwarded-* headers are believed")


class Database(Section):
    url: str = Field("sqlite:///data/gateway.sqlite", description="sqlite:///FILE or postgresql://…")


class Secrets(Section):
    key_file: Path = Field(Path("data/secret.key"), description="keys that seal stored credentials, one a line")


class Auth(Section):
    type: Literal["internal", "htpasswd", "ldap", "imap", "pam", "dovecot", "oauth2", "http_x_remote_user"] = Field(
        "internal", description="where passwords are checked: here, or by one of Radicale's auth plugins"
    )
    radicale: dict[str, str] = Field(
        default_factory=dict, description="options of that plugin, as in Radicale's [auth]"
    )


class Google(Section):
    client_id: str = Field("", description="of your Google Cloud OAuth client")
    client_secret: SecretStr = SecretStr("")
    api_endpoint: Endpoint = "https://www.googleapis.com"
    directory_endpoint: Endpoint = Field(
        "https://admin.googleapis.com", description="root of the Admin SDK, which lists the people of a domain"
    )
    auth_uri: Endpoint = "https://accounts.google.com/o/oauth2/v2/auth"
    token_uri: Endpoint = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    revoke_uri: Endpoint = "https://oauth2.googleapis.com/revoke"
    permissions_url: Endpoint = Field(
        "https://myaccount.google.com/connections", description="where people take access back; linked, never asked"
    )
    per_minute: int = Field(10_000, ge=10, description="requests a minute that your project is allowed in all")
    per_user_minute: int = Field(600, ge=10, description="requests a minute that it is allowed for one person")
    ca_file: Path | None = Field(None, description="CA certificates to trust for these hosts (PEM)")


class Microsoft(Section):
    client_id: str = Field("", description="of your Entra app registration")
    client_secret: SecretStr = SecretStr("")
    authority: Endpoint = "https://login.microsoftonline.com/common"
    graph_endpoint: Endpoint = "https://graph.microsoft.com/v1.0"
    permissions_url: Endpoint = Field(
        "https://myapps.microsoft.com", description="where people take access back; linked, never asked"
    )
    per_ten_minutes: int = Field(10_000, ge=10, description="requests in ten minutes that one mailbox takes from us")
    at_once: int = Field(4, ge=1, le=64, description="requests that one mailbox takes from us at a time")
    ca_file: Path | None = Field(None, description="CA certificates to trust for these hosts (PEM)")


class Zoom(Section):
    client_id: str = Field("", description="of your Zoom app")
    client_secret: SecretStr = SecretStr("")
    account_id: str = Field(
        "",
        description="of a server-to-server app: rooms of all people of that account; empty: people connect their own",
    )
    api_endpoint: Endpoint = "https://api.zoom.us/v2"
    auth_uri: Endpoint = "https://zoom.us/oauth/authorize"
    token_uri: Endpoint = "https://zoom.us/oauth/token"  # noqa: S105 - an address
    revoke_uri: Endpoint = "https://zoom.us/oauth/revoke"
    ca_file: Path | None = Field(None, description="CA certificates to trust for these hosts (PEM)")

    @property
    def is_connectable(self) -> bool:
        """Whether people sign in there by themselves."""
        return bool(self.client_id) and not self.account_id


class Mail(Section):
    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://[USER:PASSWORD@]HOST[:PORT], smtps://… for TLS; empty: no mail is sent"
    )
    from_: str = Field("", alias="from", description="sender of our mails, such as Calendar <calendar@example.com>")
    templates: Path | None = Field(None, description="folder with templates of your own, see docs/mail.md")
    domains: tuple[str, ...] = Field(
        (), description="domains that our mail server may send for: mails then come from people's own addresses there"
    )
    dkim_selector: str = Field("", description="signs our mails with this DKIM key's name; empty: not signed here")
    dkim_key_file: Path | None = Field(None, description="the private RSA key (PEM)")
    dkim_domain: str = Field("", description="domain the key stands for; empty: that of each mail's sender")
    imap_url: SecretStr | tuple[SecretStr, ...] = Field(
        SecretStr(""), description="imaps://USER:PASSWORD@HOST[:PORT][/FOLDER] that answers arrive in; or several"
    )
    imap_ca_file: Path | None = Field(None, description="CA certificates to trust for the mailbox (PEM)")
    imap_personal: bool = Field(False, description="whether these are people's own mailboxes: other mail is left alone")
    imap_done: str = Field("", description="folder that mails go to once they are read; empty: marked as read")
    imap_poll: int = Field(60, ge=5, description="seconds between two looks where the server tells of no new mail")
    authserv: str = Field("", description="name under which your mail server writes Authentication-Results")
    invitations: Literal["verified", "all", "none"] = Field(
        "verified", description="whose invitations by mail are put into calendars here"
    )

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """With their passwords."""
        urls = self.imap_url if isinstance(self.imap_url, tuple) else (self.imap_url,)
        return tuple(url.get_secret_value() for url in urls if url.get_secret_value())


class Sync(Section):
    poll: int = Field(300, ge=5, description="seconds between two looks at a provider that sends no notices")
    push: bool = Field(True, description="whether providers are asked to call <base_url>/hooks when something changes")
    poll_with_push: int = Field(
        1800,
        ge=5,
        description="seconds between two looks at a provider whose notices arrive; half of stale_after at most",
    )
    past_days: int = Field(366, ge=0, description="days back that recurrences are indexed for")
    future_days: int = Field(1096, ge=30, description="days ahead that recurrences are indexed for")
    push_budget: float = Field(5.0, gt=0, description="seconds a client waits for the provider to take its change")


class Booking(Section):
    hold_seconds: int = Field(300, ge=30, description="how long a slot is held while the form is filled in")
    stale_after: int = Field(3600, ge=60, description="seconds after which a source that cannot be read is stale")
    live_seconds: float = Field(
        2.0,
        ge=0,
        le=20,
        description="seconds the hosts' providers have to say whether the chosen time is still free; 0: not asked",
    )
    jitsi_url: Endpoint = Field(
        "https://meet.jit.si", description="Jitsi server of event types that meet at Jitsi and name no other"
    )


class Limits(Section):
    resource_bytes: int = Field(10_000_000, ge=10_000, description="largest calendar object taken")
    request_bytes: int = Field(1_000_000, ge=10_000, description="largest XML or form body taken")
    instances: int = Field(10_000, ge=100, description="most instances one query may expand to")
    answer_bytes: int = Field(100_000_000, ge=1_000_000, description="largest answer to one report")
    multiget: int = Field(8_000, ge=100, description="most hrefs in one multiget")
    private_networks: tuple[Annotated[str, AfterValidator(network)], ...] = Field(
        (), description="hosts and networks that feeds and CalDAV accounts may be at although they are not public"
    )
    connections: int = Field(512, ge=10, description="most connections of one address, trusted proxies excepted")
    quota_share: float = Field(0.9, gt=0, le=1, description="how much of the providers' limits is used at most")
    backends_open: int = Field(500, ge=1, description="accounts whose sign-ins each process keeps at hand")
    api_per_minute: int = Field(600, ge=1, description="requests a minute that one API key is good for")
    free_guesses: int = Field(5, ge=1, description="wrong passwords before answers slow down")


class Settings(BaseSettings):
    """Everything that can be set. Unknown keys are refused."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="GATEWAY_",
        env_nested_delimiter="__",
    )

    server: Server = Server()
    database: Database = Database()
    secrets: Secrets = Secrets()
    auth: Auth = Auth()
    google: Google = Google()
    microsoft: Microsoft = Microsoft()
    zoom: Zoom = Zoom()
    mail: Mail = Mail()
    sync: Sync = Sync()
    booking: Booking = Booking()
    limits: Limits = Limits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's own signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(file: Path | None = None) -> Settings:
    """Settings of `file`; None: GATEWAY_CONFIG, else config/gateway.toml if it exists, else the defaults.

    Raises: ConfigError naming the key.
    """
    named = file or (Path(os.environ["GATEWAY_CONFIG"]) if os.environ.get("GATEWAY_CONFIG") else None)
    path = named or DEFAULT_FILE
    values: dict[str, Any] = {}
    if named is not None or path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}; 'gateway init' writes one") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from error
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        reason = "unknown setting" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{path}: {key}: {reason}") from error
