"""Templates to answers: the words, links and pictures every page has."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web

from gateway.web.accent import STANDARD, hexadecimal, parse
from gateway.web.embedding import embedded, suffix, theme
from gateway.web.keys import SETTINGS
from gateway.web.language import Language
from gateway.web.navigation import navigation
from gateway.web.visitor import link, remember, speak, spoken_at

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def static_files() -> dict[str, tuple[bytes, str]]:
    """name -> (content, version), read once."""
    files = {file.name: file.read_bytes() for file in STATIC.iterdir() if file.suffix in TYPES}
    return {name: (content, hashlib.sha256(content).hexdigest()[:12]) for name, content in files.items()}


def set_up(app: web.Application, files: Mapping[str, tuple[bytes, str]]) -> None:
    def static(name: str) -> str:
        return f"/static/{name}?v={files[name][1]}"

    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment = aiohttp_jinja2.get_env(app)
    environment.globals.update({"static": static})


def templates(app: web.Application, more: jinja2.BaseLoader) -> None:
    """Further templates beside ours, which they may extend."""
    environment = aiohttp_jinja2.get_env(app)
    ours = environment.loader
    environment.loader = more if ours is None else jinja2.ChoiceLoader([ours, more])


def accent_link(color: str) -> str:
    shade = parse(color) or parse(STANDARD)
    return f"/static/accent-{hexadecimal(shade)[1:] if shade else ''}.css"


def page(
    request: web.Request,
    template: str,
    values: Mapping[str, Any],
    *,
    spoken: Language | None = None,
    color: str = "",
    status: int = 200,
) -> web.Response:
    """color: the accent's, "": the standard one."""
    spoken = spoken or speak(request)
    known = {key: value for key, value in request.query.items() if key != "lang"}

    def language_link(code: str) -> str:
        return link(request.path, known, lang=code)

    context = {
        "embed": embedded(request),
        "theme": theme(request),
        "languages": spoken_at(request.path),
        "extra": suffix(request),
        "server": request.app[SETTINGS].server.base_url,
        "_": spoken.text,
        "ngettext": spoken.plural,
        "lang": spoken.code,
        "spoken": spoken,
        "accent_link": accent_link(color),
        "language_link": language_link,
        "navigation": navigation(request.path, spoken) if request.path.startswith("/app") else [],
        **values,
    }
    response = aiohttp_jinja2.render_template(template, request, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language, Cookie"
    remember(request, response)
    return response


def text_error(spoken: Language, reason: str) -> str:
    """An error's own words are English; people who read something else get ours alone."""
    return reason if spoken.code == "en" else ""
