"""Every mail in every language as its reader sees it; `python -m tests.scheduling.written` writes them down anew."""

from pathlib import Path

from gateway.config import Mail, Settings
from gateway.scheduling.clock import LANGUAGES
from gateway.scheduling.examples import EXAMPLES, Reader, example

NOW = 1_795_262_400  # 2026-11-21 12:00 UTC
WRITTEN = Path(__file__).parents[1] / "data" / "mails"


def reader(language: str, **mail: object) -> Reader:
    settings = Mail.model_validate({"from": "Calendar <calendar@gateway.example>", **mail})
    return Reader(Settings(mail=settings), language, "Europe/Berlin", NOW)


def text(name: str, language: str) -> str:
    """Subject and text."""
    message = example(name, reader(language))
    return f"{message['Subject']}\n\n{message.get_body(('plain',)).get_content()}"


def page(language: str) -> str:
    return "\n".join(f"=== {name}\n{text(name, language)}" for name in EXAMPLES)


if __name__ == "__main__":
    for one in LANGUAGES:
        (WRITTEN / f"{one}.txt").write_text(page(one), encoding="utf-8")
