"""What mails show: words and places of strangers made harmless."""

from urllib.parse import urlsplit

from markupsafe import Markup

from gateway.scheduling.addresses import plain


def is_web(url: str) -> bool:
    """Whether it is a web address and nothing else."""
    try:
        return urlsplit(url).scheme in {"http", "https"} and url == plain(url) and " " not in url
    except ValueError:
        return False


def link(text: str) -> Markup | None:
    """A place that is a web address and nothing else, to be followed."""
    return Markup('<a href="{0}" style="color:#1a56c4">{0}</a>').format(text) if is_web(text) else None


def lines(text: str) -> str:
    """Words of a stranger: their lines kept, each made harmless."""
    return "\n".join(plain(line) for line in text.splitlines()).strip()
