"""The simulated sign-in pages: discovery, consent, tokens."""

import hmac
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from gateway.demo.microsoft.faults import Json
from gateway.demo.microsoft.tokens import DEVICE_CODE, MANY, Grant, Refused, resource_scopes

if TYPE_CHECKING:
    from gateway.demo.microsoft import MicrosoftSimulator

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:Canvas}}
main{{box-sizing:border-box;width:min(30rem,100% - 32px);padding:32px;border:1px solid GrayText;margin:16px}}
h1{{font-size:1.3rem;margin:0 0 4px}} p{{margin:0 0 16px}} ul{{margin:0 0 16px;padding-left:24px}}
select,button{{font:inherit;min-height:44px;padding:0 20px;cursor:pointer}}
select{{width:100%;padding:0 8px;margin-top:4px}}
div{{display:flex;gap:12px;justify-content:flex-end}}
button[value=allow]{{background:#0063b1;color:#fff;border:1px solid #0063b1}}
</style></head><body><main>{body}</main></body></html>"""
ASK = """<h1>Simulated Microsoft</h1>
<p><b>{client}</b> wants to use your calendars. No real account is involved.</p>
<form method="post">{hidden}
<p><label><b>Account</b><br><select name="account">{accounts}</select></label></p>
<b>It may</b><ul>{scopes}</ul>
<div><button name="answer" value="deny">Deny</button><button name="answer" value="allow">Allow</button></div></form>"""
SENT = """<form method="post" action="{action}">{hidden}<button>Continue</button></form>
<script>document.forms[0].submit()</script>"""


def page(title: str, body: str, status: int = 200) -> web.Response:
    text = PAGE.format(title=escape(title), body=body)
    return web.Response(text=text, content_type="text/html", status=status, headers={"Cache-Control": "no-store"})


def hidden(values: Mapping[str, str]) -> str:
    return "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in values.items())


class Identity:
    """The routes under the authority's tenant."""

    def __init__(self, simulator: "MicrosoftSimulator") -> None:
        self._of = simulator

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
            web.get("/{tenant}/oauth2/v2.0/authorize", self.ask),
            web.post("/{tenant}/oauth2/v2.0/authorize", self.answered),
            web.post("/{tenant}/oauth2/v2.0/token", self.token),
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
                "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
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
        return "" if query.get("scope") else "AADSTS900144: The request must contain a scope."

    async def ask(self, request: web.Request) -> web.Response:
        fault = self.fault(request.query)
        if fault:
            return page("Sign-in error", f"<h1>Sorry</h1><p>{escape(fault)}</p>", status=400)
        hint = request.query.get("login_hint", "")
        people = sorted(self._of.boxes.people.values(), key=lambda person: (person.address != hint, person.address))
        accounts = "".join(
            f'<option value="{escape(person.address)}">{escape(person.name)} ({escape(person.address)})</option>'
            for person in people
        )
        scopes = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(resource_scopes(request.query["scope"])))
        body = ASK.format(
            client=escape(request.query["client_id"]), scopes=scopes, accounts=accounts, hidden=hidden(request.query)
        )
        return page("Permissions requested", body)

    async def answered(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        fault = self.fault(form)
        if fault or form.get("account") not in self._of.boxes.people:
            return page("Sign-in error", f"<h1>Sorry</h1><p>{escape(fault or 'No such account.')}</p>", status=400)
        if form.get("answer") == "allow":
            grant = Grant(
                form["account"], form["scope"], form["client_id"],
                redirect=form["redirect_uri"], challenge=form["code_challenge"], nonce=form.get("nonce", ""),
            )  # fmt: skip
            result = {"code": self._of.tokens.code_for(grant)}
        else:
            result = {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent."}
        result["state"] = form.get("state", "")
        if form.get("response_mode", "query") == "form_post":
            sent = SENT.format(action=escape(form["redirect_uri"]), hidden=hidden(result))
            return page("Working…", sent)
        glue = "&" if "?" in form["redirect_uri"] else "?"
        return web.Response(status=303, headers={"Location": f"{form['redirect_uri']}{glue}{urlencode(result)}"})

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
