"""The look and the words of both simulated providers' pages, where people allow and take back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from aiohttp import web

PAGE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
:root{{color-scheme:light dark;--ink:{ink};--back:#f0f2f5;--card:#fff;--text:#1b1e24;--quiet:#5a6170;--line:#dfe3e9}}
@media (prefers-color-scheme:dark){{:root{{--ink:{dark};--back:#0f1115;--card:#171a20;--text:#eceef2;--quiet:#a3aab8;
--line:#2e343f}}}}
*{{box-sizing:border-box}}
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}}
main{{width:min(30rem,100% - 32px);margin:16px;padding:32px;border-radius:16px;background:var(--card);
border-top:6px solid var(--ink)}}
h1{{margin:0 0 8px;font-size:1.375rem;line-height:1.25}}
h2{{margin:0 0 4px;font-size:1rem}}
p{{margin:0 0 20px}} .quiet{{color:var(--quiet);font-size:.9375rem}}
fieldset{{border:0;padding:0;margin:0 0 20px}}
legend,.legend{{padding:0;margin:0 0 4px;font-weight:600}}
label,li{{display:flex;gap:12px;align-items:center;min-height:48px;padding:6px 0;border-top:1px solid var(--line);
overflow-wrap:anywhere}}
label{{cursor:pointer}} .code{{display:grid;gap:4px;border:0;font-weight:600}} .code input{{width:100%;
border:1px solid var(--quiet);border-radius:10px;background:var(--card);color:inherit;letter-spacing:.1em}}
ul{{list-style:none;margin:0 0 20px;padding:0}} li{{justify-content:space-between}} li form{{flex:none}}
label>span,li>span{{display:grid}}
small{{color:var(--quiet);font-size:.8125rem}}
input{{font:inherit;min-height:44px;padding:0 12px}}
[type=radio],[type=checkbox]{{flex:none;width:20px;min-height:0;padding:0;height:20px;margin:0;accent-color:var(--ink)}}
.acts{{display:flex;gap:12px;justify-content:flex-end}}
button{{font:inherit;font-weight:600;min-height:44px;padding:0 20px;border:1px solid var(--quiet);border-radius:10px;
background:none;color:inherit;cursor:pointer}}
button[value=allow]{{background:var(--ink);border-color:var(--ink);color:var(--card)}}
a{{color:var(--ink);display:inline-flex;align-items:center;min-height:44px}}
:focus-visible{{outline:3px solid var(--ink);outline-offset:2px}}
@media (max-width:480px){{body{{place-items:start stretch;background:var(--card)}} main{{width:100%;margin:0;
padding:24px 16px;border-radius:0}} .acts button{{flex:1}}}}
</style></head><body><main>{body}</main></body></html>
"""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Sign in",
        "simulated": "Simulated {provider}",
        "wants": "{client} would like to use your calendars. This is a simulation: no real account is involved.",
        "wants-rooms": "{client} would like to make meetings for you. This is a simulation: no real account is"
        " involved.",
        "account": "Choose an account",
        "may": "It may",
        "allow": "Allow",
        "deny": "Deny",
        "connections": "Apps with access",
        "none": "No app has access to an account here.",
        "has": "has access to the calendars of",
        "remove": "Remove access",
        "removed": "Done. The app will notice when it asks the next time.",
        "sorry": "Sorry",
        "enter": "Enter the code that the program shows.",
        "code": "Code",
        "next": "Next",
        "signed_in": "You have signed in. You may close this page.",
        "nothing": "Nothing was allowed. You may close this page.",
    },
    "de": {
        "title": "Anmelden",
        "simulated": "{provider}, nachgebildet",
        "wants": "{client} möchte Ihre Kalender verwenden. Das ist nachgebildet: Kein echtes Konto ist beteiligt.",
        "wants-rooms": "{client} möchte Besprechungen für Sie anlegen. Das ist nachgebildet: Kein echtes Konto ist"
        " beteiligt.",
        "account": "Konto wählen",
        "may": "Erlaubt wird",
        "allow": "Zulassen",
        "deny": "Ablehnen",
        "connections": "Apps mit Zugriff",
        "none": "Keine App hat Zugriff auf ein Konto hier.",
        "has": "hat Zugriff auf die Kalender von",
        "remove": "Zugriff entfernen",
        "removed": "Erledigt. Die App merkt es, wenn sie das nächste Mal fragt.",
        "sorry": "Das ging nicht",
        "enter": "Geben Sie den Code ein, den das Programm zeigt.",
        "code": "Code",
        "next": "Weiter",
        "signed_in": "Sie sind angemeldet. Sie können diese Seite schließen.",
        "nothing": "Es wurde nichts erlaubt. Sie können diese Seite schließen.",
    },
}


# Permissions as both clouds describe them, in German; in English their own documents do.
GERMAN: Final[Mapping[str, str]] = {
    "openid": "Wissen, wer Sie sind",
    "email": "Ihre Adresse sehen",
    "profile": "Ihren Namen sehen",
    "meeting:write:meeting": "Besprechungen anlegen",
    "meeting:update:meeting": "Besprechungen ändern",
    "meeting:delete:meeting": "Besprechungen löschen",
    "meeting:read:meeting": "Eine Besprechung ansehen",
    "meeting:read:list_meetings": "Ihre Besprechungen ansehen",
    "user:read:user": "Ihren Namen und Ihre Adresse sehen",
    "calendar": "Alle Kalender ansehen, bearbeiten und freigeben",
    "calendar.readonly": "Alle Kalender ansehen",
    "calendar.calendarlist.readonly": "Die Liste Ihrer Kalender ansehen",
    "calendar.events": "Termine in allen Kalendern ansehen und bearbeiten",
    "calendar.events.readonly": "Termine in allen Kalendern ansehen",
    "calendar.events.freebusy": "Belegte Zeiten in Ihren Kalendern ansehen",
    "calendar.freebusy": "Belegte Zeiten in Ihren Kalendern ansehen",
    "Calendars.Read": "Ihre Kalender lesen",
    "Calendars.Read.Shared": "Kalender lesen, auf die Sie Zugriff haben, auch die anderer",
    "Calendars.ReadWrite": "Ihre Kalender lesen und ändern",
    "Calendars.ReadWrite.Shared": "Ihre und freigegebene Kalender lesen und ändern",
    "MailboxSettings.Read": "Ihre Postfacheinstellungen lesen",
    "User.Read": "Ihr einfaches Profil ansehen",
}


def described(lang: str, scope: str, english: str) -> str:
    return GERMAN.get(scope.rpartition("/auth/")[2], english) if lang == "de" else english


@dataclass(frozen=True, slots=True)
class Brand:
    """ink, dark: colours on light and on dark ground. person, answer: names of the form's fields."""

    provider: str
    ink: str
    dark: str
    person: str
    answer: str


def language(request: web.Request) -> str:
    return "de" if request.headers.get("Accept-Language", "").lower().startswith("de") else "en"


def page(brand: Brand, lang: str, body: str, status: int = 200) -> web.Response:
    title = f"{WORDS[lang]['title']} – {WORDS[lang]['simulated'].format(provider=brand.provider)}"
    text = PAGE.format(lang=lang, title=escape(title), ink=brand.ink, dark=brand.dark, body=body)
    return web.Response(text=text, content_type="text/html", status=status, headers={"Cache-Control": "no-store"})


def refused(brand: Brand, lang: str, words: str, status: int) -> web.Response:
    return page(brand, lang, f"<h1>{WORDS[lang]['sorry']}</h1><p>{escape(words)}</p>", status)


def hidden(values: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in values)


def ask(
    brand: Brand,
    lang: str,
    *,
    client: str,
    people: Sequence[tuple[str, str]],
    scopes: str,
    kept: Iterable[tuple[str, str]],
    wants: str = "wants",
) -> web.Response:
    """people: address and name; one alone is chosen already. scopes: HTML. kept: what the form carries on.

    wants: a key of WORDS.
    """
    said = WORDS[lang]
    rows = "".join(
        f'<label><input type="radio" name="{brand.person}" value="{escape(address)}" required'
        f"{' checked' if len(people) == 1 else ''}><span>{escape(name)}<small>{escape(address)}</small></span></label>"
        for address, name in people
    )
    body = (
        f"<h1>{escape(said['simulated'].format(provider=brand.provider))}</h1>"
        f'<p class="quiet">{escape(said[wants].format(client=client))}</p><form method="post">{hidden(kept)}'
        f"<fieldset><legend>{said['account']}</legend>{rows}</fieldset>{scopes}"
        f'<div class="acts"><button name="{brand.answer}" value="deny" formnovalidate>{said["deny"]}</button>'
        f'<button name="{brand.answer}" value="allow">{said["allow"]}</button></div></form>'
    )
    return page(brand, lang, body)


def enter_code(brand: Brand, lang: str) -> web.Response:
    """Where somebody enters the code that a program shows."""
    said = WORDS[lang]
    body = (
        f"<h1>{escape(said['simulated'].format(provider=brand.provider))}</h1><p>{said['enter']}</p>"
        f'<form method="get"><p><label class="code">{said["code"]}'
        '<input name="user_code" required autocomplete="off" autocapitalize="characters" autofocus></label></p>'
        f'<div class="acts"><button value="allow">{said["next"]}</button></div></form>'
    )
    return page(brand, lang, body)


def told(brand: Brand, lang: str, words: str) -> web.Response:
    """words: a key of WORDS."""
    said = WORDS[lang]
    return page(
        brand, lang, f"<h1>{escape(said['simulated'].format(provider=brand.provider))}</h1><p>{said[words]}</p>"
    )


def tick_boxes(lang: str, scopes: Iterable[tuple[str, str]]) -> str:
    """scopes: name and description; each can be unticked."""
    rows = "".join(
        f'<label><input type="checkbox" name="granted" value="{escape(name)}" checked>'
        f"<span>{escape(described(lang, name, said))}<small>{escape(name)}</small></span></label>"
        for name, said in scopes
    )
    return f"<fieldset><legend>{WORDS[lang]['may']}</legend>{rows}</fieldset>"


def listed(lang: str, scopes: Iterable[tuple[str, str]]) -> str:
    """All or nothing."""
    rows = "".join(
        f"<li><span>{escape(described(lang, name, said))}<small>{escape(name)}</small></span></li>"
        for name, said in scopes
    )
    return f'<p class="legend">{WORDS[lang]["may"]}</p><ul>{rows}</ul>'


def connections(brand: Brand, lang: str, held: Iterable[tuple[str, str]], *, done: bool) -> web.Response:
    """As the page of a provider where people take access back. held: app and person."""
    said = WORDS[lang]
    rows = "".join(
        f"<li><span>{escape(client)}<small>{said['has']} {escape(person)}</small></span>"
        f'<form method="post">{hidden([("person", person)])}<button>{said["remove"]}</button></form></li>'
        for client, person in held
    )
    body = (
        f"<h1>{escape(said['simulated'].format(provider=brand.provider))}</h1><h2>{said['connections']}</h2>"
        f"{'<p role=status>' + said['removed'] + '</p>' if done else ''}"
        f"{'<ul>' + rows + '</ul>' if rows else '<p class=quiet>' + said['none'] + '</p>'}"
    )
    return page(brand, lang, body)
