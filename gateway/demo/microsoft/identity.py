"""The simulated sign-in pages: discovery, consent, tokens."""

import hmac
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.demo import consent
from gateway.demo.consent import Brand
from gateway.demo.microsoft.faults import Json
from gateway.demo.microsoft.tokens import DEVICE_CODE, MANY, Grant, Refused, resource_scopes

if TYPE_CHECKING:
    from gateway.demo.microsoft import MicrosoftSimulator

BRAND: Final = Brand("Microsoft", "#0063b1", "#6cb8f6", person="account", answer="answer")
APP: Final = "Calendar gateway"
PROMPTS: Final = frozenset({"", "login", "none", "consent", "select_account"})
SCOPES: Final[Mapping[str, str]] = {
    "Calendars.Read": "Read your calendars",
    "Calendars.Read.Shared": "Read calendars that you can access, those of others too",
    "Calendars.ReadWrite": "Have full access to your calendars",
    "Calendars.ReadWrite.Shared": "Read and write to your and shared calendars",
    "MailboxSettings.Read": "Read your mailbox settings",
    "User.Read": "View your basic profile",
}
SENT: Final = """<form method="post" action="{action}">{hidden}<button>Continue</button></form>
<script>document.forms[0].submit()</script>"""


def listed(scopes: str, lang: str = "en") -> str:
    return consent.listed(lang, [(scope, SCOPES.get(scope, scope)) for scope in sorted(resource_scopes(scopes))])


class Identity:
    """The routes under the authority's tenant."""

    def __init__(self, simulator: "MicrosoftSimulator") -> None:
        self._of = simulator

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
            web.post("/{tenant}/oauth2/v2.0/token", self.token),
            *self.pages(),
        ]

    def pages(self) -> list[web.RouteDef]:
        """What people see."""
        return [
            web.get("/{tenant}/oauth2/v2.0/authorize", self.ask),
            web.post("/{tenant}/oauth2/v2.0/authorize", self.answered),
            web.get("/connections", self.connections),
            web.post("/connections", self.remove_access),
        ]

    async def discovery(self, request: web.Request) -> web.Response:
        tenant = request.match_info["tenant"]
        if not self._of.knows(tenant):
            body = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
            return web.json_response(body, status=400)
        authority = f"{self._of.origin}/{tenant}"
        return web.json_response(
            {
                "issuer": f"{authority}/v2.0",
                "authorization_endpoint": f"{self._of.pages}/{self._of.tenant}/oauth2/v2.0/authorize",
                "token_endpoint": f"{authority}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{authority}/discovery/v2.0/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
            }
        )

    def fault(self, query: Mapping[str, str]) -> str:
        """What is wrong with a sign-in request that must not be sent back to its sender; "" if nothing is."""
        if query.get("client_id") != self._of.client_id:
            return "AADSTS700016: The application was not found in the directory."
        if query.get("redirect_uri") not in self._of.redirect_uris:
            return "AADSTS50011: The redirect URI is not one registered for the application."
        if query.get("response_type") != "code" or query.get("response_mode", "query") not in {"query", "form_post"}:
            return "AADSTS70005: The response type or mode is not supported."
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            return "AADSTS9002325: Proof Key for Code Exchange is required."
        if query.get("prompt", "") not in PROMPTS:
            return "AADSTS90023: The value of prompt is not supported."
        return "" if query.get("scope") else "AADSTS900144: The request must contain a scope."

    async def ask(self, request: web.Request) -> web.Response:
        lang, query = consent.language(request), request.query
        fault = self.fault(query)
        if fault:
            return consent.refused(BRAND, lang, fault, 400)
        wanted, prompt, hint = resource_scopes(query["scope"]), query.get("prompt", ""), query.get("login_hint", "")
        people = self._of.boxes.people
        named = hint if hint in people and prompt != "select_account" else ""
        if named and prompt in {"", "none"} and wanted <= self._of.tokens.consents.get(named, set()):
            return self.sent_back(query, self.allowed(query, named))
        if prompt == "none":
            error = {"error": "interaction_required", "error_description": "AADSTS50058: Nobody is signed in."}
            return self.sent_back(query, error)
        shown = [(one.address, one.name) for one in people.values() if not named or one.address == named]
        client, scopes = f"{APP} ({query['client_id']})", listed(query["scope"], lang)
        return consent.ask(BRAND, lang, client=client, people=shown, scopes=scopes, kept=query.items())

    def allowed(self, asked: Mapping[str, str], address: str) -> dict[str, str]:
        grant = Grant(
            address, asked["scope"], asked["client_id"],
            redirect=asked["redirect_uri"], challenge=asked["code_challenge"], nonce=asked.get("nonce", ""),
        )  # fmt: skip
        return {"code": self._of.tokens.code_for(grant)}

    def sent_back(self, asked: Mapping[str, str], answer: Mapping[str, str]) -> web.Response:
        result = {**answer, "state": asked.get("state", "")}
        if asked.get("response_mode", "query") == "form_post":
            sent = SENT.format(action=escape(asked["redirect_uri"]), hidden=consent.hidden(result.items()))
            return consent.page(BRAND, "en", sent)
        glue = "&" if "?" in asked["redirect_uri"] else "?"
        return web.Response(status=303, headers={"Location": f"{asked['redirect_uri']}{glue}{urlencode(result)}"})

    async def answered(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        fault = self.fault(form)
        if not fault and form.get("answer") != "allow":
            denied = {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent."}
            return self.sent_back(form, denied)
        if fault or form.get("account") not in self._of.boxes.people:
            return consent.refused(BRAND, consent.language(request), fault or "AADSTS50034: No such account.", 400)
        return self.sent_back(form, self.allowed(form, form["account"]))

    async def connections(self, request: web.Request) -> web.Response:
        held = sorted({(APP, grant.address) for grant in self._of.tokens.refresh.values()})
        return consent.connections(BRAND, consent.language(request), held, done="done" in request.query)

    async def remove_access(self, request: web.Request) -> web.Response:
        self._of.revoke(str((await request.post()).get("person", "")))
        self._of.changed()
        return web.Response(status=303, headers={"Location": "/connections?done=1"})

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        fault = self._of.next_fault(request.path)
        if fault is not None:
            return fault.answer()
        try:
            self.check_client(form)
            if form.get("grant_type") == "client_credentials":
                return web.json_response(self.for_itself(form, request.match_info["tenant"]))
            grant = self.redeemed(form)
        except Refused as refusal:
            return web.json_response(refusal.body(), status=401 if refusal.error == "invalid_client" else 400)
        person = self._of.boxes.people[grant.address]
        answer = self._of.tokens.answer(grant, person, f"{self._of.authority}/v2.0")
        self._of.changed()
        return web.json_response(answer)

    def check_client(self, form: Mapping[str, str]) -> None:
        """Raises: Refused for an unknown client or a wrong secret."""
        if form.get("client_id") != self._of.client_id:
            raise Refused("unauthorized_client", "AADSTS700016: The application was not found in the directory.")
        refreshed = self._of.tokens.refresh.get(form.get("refresh_token", ""))
        public = form.get("grant_type") == DEVICE_CODE or (refreshed is not None and refreshed.public)
        if "client_secret" not in form:
            if not (public and self._of.public_flows):
                text = "AADSTS7000218: The request body must contain: 'client_assertion' or 'client_secret'."
                raise Refused("invalid_client", text)
        elif public:
            text = (
                "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
            )
            raise Refused("invalid_client", text)
        elif not hmac.compare_digest(form["client_secret"], self._of.client_secret):
            raise Refused("invalid_client", "AADSTS7000215: Invalid client secret provided.")

    def for_itself(self, form: Mapping[str, str], tenant: str) -> Json:
        """The application's own token, in a tenant that is named. Raises: Refused."""
        if tenant in MANY:
            raise Refused("invalid_request", "AADSTS50059: No tenant-identifying information found in the request.")
        resource, dot, _ = form.get("scope", "").rpartition("/.default")
        if not dot:
            text = "AADSTS1002012: Client credential flows must have a scope value with /.default suffixed."
            raise Refused("invalid_scope", text)
        if resource != self._of.origin:
            raise Refused("invalid_resource", f"AADSTS500011: The resource principal named {resource} was not found.")
        return self._of.tokens.app_answer(form["client_id"], tenant, self._of.app_permissions)

    def redeemed(self, form: dict[str, str]) -> Grant:
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._of.tokens.redeem_code(form)
        if kind == DEVICE_CODE:
            return self._of.devices.redeem(form)
        if kind == "refresh_token":
            return self._of.tokens.redeem_refresh(form)
        raise Refused("unsupported_grant_type", "AADSTS70003: The grant type is not supported.")
