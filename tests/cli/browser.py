"""Somebody at a browser, on this machine or on another one, who signs in at the simulated clouds."""

from html import unescape
from re import findall
from urllib.parse import urljoin

import requests

from tests.cli.run import PATIENCE


def fields(page: str) -> dict[str, str]:
    found = findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in found}


def scopes(page: str) -> list[str]:
    return [unescape(value) for value in findall(r'name="granted" value="([^"]*)"', page)]


def at_google(url: str, person: str, *, decision: str = "allow") -> str:
    """The address that Google's page sends the browser to."""
    page = requests.get(url, timeout=PATIENCE).text
    form = [*fields(page).items(), ("person", person), ("decision", decision)]
    form += [("granted", scope) for scope in scopes(page)]
    answer = requests.post(url.split("?", maxsplit=1)[0], data=form, allow_redirects=False, timeout=PATIENCE)
    return urljoin(url, answer.headers["Location"])


def at_microsoft(url: str, code: str, person: str, *, answer: str = "allow") -> str:
    """Enters a device code, and what the page says in the end."""
    page = requests.get(url, params={"user_code": code}, timeout=PATIENCE).text
    form = {**fields(page), "account": person, "answer": answer}
    return requests.post(url, data=form, timeout=PATIENCE).text
