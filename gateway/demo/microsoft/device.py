"""Device codes of the simulated sign-in (RFC 8628): a program shows a code, and somebody enters it in a browser."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from aiohttp import web

from gateway.demo import consent
from gateway.demo.microsoft.identity import APP, BRAND, listed
from gateway.demo.microsoft.tokens import Grant, Refused, resource_scopes

if TYPE_CHECKING:
    from gateway.demo.microsoft import MicrosoftSimulator

LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
LASTS: Final = timedelta(minutes=15)
UNKNOWN = "AADSTS70019: That code is not known, or has expired."


@dataclass(slots=True)
class Device:
    """answer: "", or what was decided on the page: allow or deny. address: who allowed it."""

    user_code: str
    client: str
    scopes: str
    until: datetime
    answer: str = ""
    address: str = ""


class Devices:
    """interval: seconds that a program has to wait between two questions. hasty: so many of the next ones are told that
    they came too soon.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.rows: dict[str, Device] = {}
        self.interval = 5
        self.hasty = 0

    def new(self, client: str, scopes: str) -> tuple[str, Device]:
        code = f"0.D{secrets.token_urlsafe(32)}"
        spelled = "".join(secrets.choice(LETTERS) for _ in range(9))
        self.rows[code] = Device(spelled, client, scopes, self.clock() + LASTS)
        return code, self.rows[code]

    def waiting(self, user_code: str) -> Device | None:
        spelled = user_code.replace("-", "").replace(" ", "").upper()
        for row in self.rows.values():
            if row.user_code == spelled and not row.answer and row.until > self.clock():
                return row
        return None

    def expire(self) -> None:
        """All codes given so far are good no more."""
        for row in self.rows.values():
            row.until = self.clock()

    def redeem(self, form: dict[str, str]) -> Grant:
        """Raises: Refused, also as long as nobody has decided."""
        row = self.rows.get(form.get("device_code", ""))
        if row is None or row.client != form.get("client_id"):
            raise Refused("bad_verification_code", "AADSTS70019: The verification code is not known.")
        if row.until <= self.clock():
            raise Refused("expired_token", "AADSTS70020: The provided value for the device code has expired.")
        if self.hasty:
            self.hasty -= 1
            raise Refused("slow_down", "AADSTS70018: The code was asked about too soon.")
        if not row.answer:
            raise Refused(
                "authorization_pending", "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending."
            )
        del self.rows[form["device_code"]]
        if row.answer != "allow":
            raise Refused("authorization_declined", "AADSTS65004: User declined to consent to access the app.")
        return Grant(row.address, row.scopes, row.client, public=True)


class DevicePages:
    """The routes under the authority's tenant."""

    def __init__(self, simulator: "MicrosoftSimulator") -> None:
        self._of = simulator

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/{tenant}/oauth2/v2.0/devicecode", self.begin),
            *self.pages(),
        ]

    def pages(self) -> list[web.RouteDef]:
        """What people see."""
        return [
            web.get("/{tenant}/oauth2/deviceauth", self.ask),
            web.post("/{tenant}/oauth2/deviceauth", self.answered),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if form.get("client_id") != self._of.client_id:
            fault = Refused("unauthorized_client", "AADSTS700016: The application was not found in the directory.")
            return web.json_response(fault.body(), status=400)
        if not form.get("scope"):
            fault = Refused("invalid_request", "AADSTS900144: The request must contain a scope.")
            return web.json_response(fault.body(), status=400)
        code, row = self._of.devices.new(form["client_id"], form["scope"])
        place = f"{self._of.pages}/{request.match_info['tenant']}/oauth2/deviceauth"
        return web.json_response(
            {
                "user_code": row.user_code,
                "device_code": code,
                "verification_uri": place,
                "expires_in": int(LASTS.total_seconds()),
                "interval": self._of.devices.interval,
                "message": f"To sign in, use a web browser to open the page {place} and enter the code"
                f" {row.user_code} to authenticate.",
            }
        )

    async def ask(self, request: web.Request) -> web.Response:
        code, lang = request.query.get("user_code", ""), consent.language(request)
        if not code:
            return consent.enter_code(BRAND, lang)
        row = self._of.devices.waiting(code)
        if row is None:
            return consent.refused(BRAND, lang, UNKNOWN, 400)
        people = [(person.address, person.name) for person in self._of.boxes.people.values()]
        kept = [("user_code", row.user_code)]
        client, scopes = f"{APP} ({row.client})", listed(row.scopes, lang)
        return consent.ask(BRAND, lang, client=client, people=sorted(people), scopes=scopes, kept=kept)

    async def answered(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        lang = consent.language(request)
        row = self._of.devices.waiting(form.get("user_code", ""))
        if row is None or form.get("account") not in self._of.boxes.people:
            return consent.refused(BRAND, lang, UNKNOWN, 400)
        row.address = form["account"]
        row.answer = "allow" if form.get("answer") == "allow" else "deny"
        if row.answer == "allow":
            self._of.tokens.consents.setdefault(row.address, set()).update(resource_scopes(row.scopes))
        return consent.told(BRAND, lang, "signed_in" if row.answer == "allow" else "nothing")
