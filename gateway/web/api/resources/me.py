"""Whose key it is."""

from gateway.accounts.api_keys import SCOPES
from gateway.store import faces
from gateway.web.api.operation import Call
from gateway.web.api.values import Model, Name


class Me(Model):
    """The person that the API key acts for."""

    name: Name
    display_name: str
    email: str
    zone: str
    """Their time zone."""
    language: str
    scopes: tuple[str, ...]
    """What the key allows."""
    page: str
    """Where others book with them."""
    color: str
    """Of their booking page, "": that of their calendar."""
    note: str
    """What their booking page says of them, in Markdown."""
    picture: str
    """Its address, "": none."""


async def read_me(call: Call) -> Me:
    person = call.asker
    face = await call.db.read(faces.of, person.id)
    return Me(
        name=person.name,
        display_name=person.displayname,
        email=person.email,
        zone=person.zone,
        language=person.locale,
        scopes=tuple(one for one in SCOPES if one in call.key.scopes),
        color=face.color,
        note=face.note,
        picture=f"{call.base_url}/static/picture-{face.digest}" if face.digest else "",
        page=f"{call.base_url}/{person.name}",
    )
