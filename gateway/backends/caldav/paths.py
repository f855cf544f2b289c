"""How servers spell the addresses of their resources, and what we call them."""

from typing import Final
from urllib.parse import quote, unquote

from yarl import URL

from gateway.backends.fetch import origin, web_address
from gateway.errors import InvalidRequest

UNESCAPED: Final = "!$&'()*+,;=:@~"  # what RFC 3986 lets stand in a path segment, besides letters, digits and -._


def canonical(url: str) -> str:
    """One spelling for all of a resource's: %40 and @, %7e and ~ are the same name, a %2F is no slash.

    Raises: InvalidRequest if it is no http(s) URL.
    """
    address = web_address(url)
    path = "/".join(quote(unquote(segment), safe=UNESCAPED) for segment in (address.raw_path or "/").split("/"))
    return str(URL(f"{str(address.origin()).lower()}{path}", encoded=True))


def within(base: str, href: str) -> str | None:
    """The URL an answer from `base` names; None if it is no URL or lies at another origin, which no answer may do."""
    try:
        url = web_address(href.strip(), base=web_address(base))
        return canonical(str(url)) if origin(url) == origin(web_address(base)) else None
    except InvalidRequest:
        return None


def is_neighbour(base: str, url: str) -> bool:
    """Whether a server may send us (and the password) on from `base` to `url` as the home of its calendars.

    iCloud keeps calendars at p12-caldav.icloud.com while people sign in at caldav.icloud.com: allowed is the same
    origin, or https below the same parent domain.
    """
    here, there = web_address(base), web_address(url)
    if origin(here) == origin(there):
        return True
    _, _, parent = (here.host or "").partition(".")
    return there.scheme == "https" and "." in parent and (there.host or "").endswith("." + parent)


def as_folder(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def href_of(calendar: str, url: str) -> str:
    """Our name of the object at `url`: relative to its calendar, or its absolute path if it lies elsewhere."""
    base = as_folder(calendar)
    name = url.removeprefix(base)
    plain = unquote(name)
    if url.startswith(base) and name and "/" not in plain:
        return plain
    return URL(url, encoded=True).raw_path


def url_of(calendar: str, href: str) -> str:
    """Where the object of that name is."""
    if href.startswith("/"):
        return str(URL(f"{URL(calendar, encoded=True).origin()}{href}", encoded=True))
    return as_folder(calendar) + quote(href, safe=UNESCAPED)
