"""What the simulated Zoom holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

Json = dict[str, Any]
APP_SCOPES: Final = (
    "meeting:write:meeting:admin",
    "meeting:update:meeting:admin",
    "meeting:delete:meeting:admin",
    "meeting:read:meeting:admin",
    "meeting:read:list_meetings:admin",
    "user:read:user:admin",
)
USER_SCOPES: Final = tuple(name.removesuffix(":admin") for name in APP_SCOPES)


@dataclass
class Grant:
    """user: id of whose it is, "": of the app, for everybody in the account. until: epoch seconds."""

    user: str
    until: float
    scopes: tuple[str, ...]
    redirect_uri: str = ""
    challenge: str = ""


@dataclass
class State:
    """users: id -> e-mail, name. meetings: number -> as the API shows them. codes, access, refresh: of sign-ins."""

    users: dict[str, Json] = field(default_factory=dict)
    meetings: dict[str, Json] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    last: int = 81_000_000_000

    def to_json(self) -> Json:
        return asdict(self)

    def user(self, named: str) -> Json | None:
        """named: id or e-mail address."""
        return next((row for key, row in self.users.items() if named in {key, row["email"]}), None)

    def end_sign_in(self, user: str) -> None:
        for held in (self.access, self.refresh):
            for name in [name for name, grant in held.items() if grant.user == user]:
                del held[name]


def from_json(given: Mapping[str, Any]) -> State:
    """As to_json gave it."""
    grants = {
        name: {key: Grant(**{**row, "scopes": tuple(row["scopes"])}) for key, row in given[name].items()}
        for name in ("codes", "access", "refresh")
    }
    return State(users=given["users"], meetings=given["meetings"], last=given["last"], **grants)
