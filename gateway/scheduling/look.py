"""How mails look: our templates, or an organisation's own in their place."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.nodes import ScopedEvalContextModifier
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE: Final = Path(__file__).with_name("templates")
NAMES: Final = tuple(sorted(file.name for file in HERE.iterdir() if file.suffix in {".html", ".txt"}))
UNSOUND: Final = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template with a mistake ends in."""
LOADED: Final = re.compile(
    r"<(?:link|script|iframe|object|embed)\b|\b(?:src|srcset|background|poster)\s*=|@import|\burl\(", re.IGNORECASE
)
STRICT: Final = ContextVar("STRICT", default=False)
"""Whether a mistake is raised, as nobody waits for the mail."""

log = logging.getLogger(__name__)


def write(message: EmailMessage, name: str, texts: Mapping[str, Any], folder: Path | None) -> None:
    """The mail's text, and the same as HTML.

    name: of the templates, without ending. folder: with the organisation's own; one with a mistake is passed over, so
    that the mail goes out all the same.
    """
    message.set_content(_shown(f"{name}.txt", texts, folder), cte="quoted-printable")
    message.add_alternative(_shown(f"{name}.html", texts, folder), subtype="html", cte="quoted-printable")


def _shown(name: str, texts: Mapping[str, Any], folder: Path | None) -> str:
    if folder is not None:
        try:
            return templates(folder).get_template(name).render(texts)
        except UNSOUND as error:
            if STRICT.get():
                raise
            log.warning("%s; ours is used instead", mistake(error))
    return templates(None).get_template(name).render(texts)


def templates(folder: Path | None) -> ImmutableSandboxedEnvironment:
    """Theirs before ours; ours are "ours/NAME" as well, so that theirs may extend them. Theirs are read anew once one
    of them changes. What strangers typed is never markup: nothing can be declared safe.
    """
    if folder is None or not folder.is_dir():
        return _environment(folder, ())
    files = sorted((file.name, file.stat()) for file in folder.iterdir() if file.name in NAMES)
    return _environment(folder, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))


@lru_cache(maxsize=4)
def _environment(folder: Path | None, _files: tuple[tuple[str, int, int], ...]) -> ImmutableSandboxedEnvironment:
    ours = FileSystemLoader(HERE)
    theirs = [] if folder is None else [FileSystemLoader(folder)]
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*theirs, ours, PrefixLoader({"ours": ours})]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["indent_to"] = _indent_to
    del environment.filters["safe"]
    return environment


def _indent_to(text: str, label: str) -> str:
    """Under what follows the label with its colon."""
    return " " * (len(label) + 1) + text


def mistake(error: Exception) -> str:
    """One line: which template, where, what."""
    if isinstance(error, TemplateSyntaxError):
        name: str = error.name or ""
        line: int | None = error.lineno
    else:  # templates stand in tracebacks as if they were modules of their own
        steps = [(Path(step.filename).name, step.lineno) for step in extract_tb(error.__traceback__)]
        name, line = next((step for step in reversed(steps) if step[0] in NAMES), ("", None))
    said = error.message if isinstance(error, TemplateError) else str(error)
    kind = "not allowed: " if isinstance(error, SecurityError) else ""
    at = " ".join(part for part in ("mail template", name) if part) + (f", line {line}" if line else "")
    return f"{at}: {kind}{said or type(error).__name__}"


def unsound(folder: Path) -> Iterator[str]:
    """What is wrong with the files themselves, a line for each; nothing is filled in yet."""
    if not folder.is_dir():
        yield f"{folder} is not a folder"
        return
    for file in sorted(folder.iterdir()):
        if file.name.startswith("."):
            continue
        if file.name not in NAMES:
            yield f"{file.name} takes no template's place; there are {', '.join(NAMES)}"
            continue
        yield from _read(folder, file.name)


def _read(folder: Path, name: str) -> Iterator[str]:
    environment = templates(folder)
    try:
        text = (folder / name).read_text(encoding="utf-8")
        environment.compile(text, name, name)
        tree = environment.parse(text, name)
    except (OSError, UnicodeError) as error:
        yield f"mail template {name}: cannot be read: {error}"
    except TemplateError as error:
        yield mistake(error)
    else:
        if tree.find(ScopedEvalContextModifier) is not None:
            yield f"mail template {name}: autoescape stays on"
        if name.endswith(".html") and LOADED.search(text):
            yield f"mail template {name}: makes mail programs load something from elsewhere, which tells who reads when"
