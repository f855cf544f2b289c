"""How people and teams show themselves: name, picture, colour, a few words."""

import re
from io import BytesIO

import pytest
from aiohttp import FormData
from PIL import Image

from gateway.accounts.people import add_team
from gateway.errors import InvalidRequest
from gateway.store import teams
from gateway.web.picture import SIDE, portrait
from tests.booking.office import NOW
from tests.web.site import hidden, sign_in, text

PLACE = b"Exif\0\0 taken at 52.5 13.4"


def image(kind, size=(640, 480), **more):
    made = BytesIO()
    Image.new("RGB", size, "#aa3355").save(made, kind, **more)
    return made.getvalue()


def noise():
    """A picture of some three megabytes, as a phone makes them."""
    made = BytesIO()
    Image.effect_noise((2600, 2000), 90).save(made, "JPEG", quality=97)
    assert len(made.getvalue()) > 3_000_000
    return made.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_small_squares_without_anything_else(kind):
    exif = Image.Exif()
    exif[0x010E] = "Lindenstraße 7"
    made = portrait(image(kind, exif=exif))
    shown = Image.open(BytesIO(made))
    assert (shown.format, shown.size, len(made) < 12_000) == ("WEBP", (SIDE, SIDE), True)
    assert b"Linden" not in made
    assert not shown.getexif()


def test_pictures_stand_upright():
    sideways = Image.new("RGB", (200, 100), "white")
    sideways.paste("black", (0, 0, 40, 100))
    made, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turned to the right by the camera
    sideways.save(made, "PNG", exif=exif)
    upright = Image.open(BytesIO(portrait(made.getvalue()))).convert("L")
    assert upright.getpixel((SIDE // 2, SIDE - 4)) > 200


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        image("JPEG")[:200], image("GIF"), image("PNG", (8000, 7000)), b"\xff" * (8 * 2**20 + 1),
    ],
    ids=["nothing", "a beginning", "SVG", "broken", "cut off", "GIF", "too many pixels", "too large"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(sent):
    with pytest.raises(InvalidRequest):
        portrait(sent)


async def put(client, page="/app/profile", *, picture=None, **fields):
    """The form as the page has it, with these fields."""
    form = FormData()
    for name, value in {
        "name": "Alice Hartmann",
        "note": "",
        **hidden(await text(await client.get(page))),
        **fields,
    }.items():
        form.add_field(name, value)
    if picture is not None:
        form.add_field("picture", BytesIO(picture), filename="me.jpg", content_type="image/jpeg")
    return await client.post("/app/profile", data=form)


async def test_a_face_is_shown_to_whoever_books(client, office):
    await sign_in(client)
    words = "I draw **maps**. <script>alert(1)</script>"
    answer = await put(client, picture=noise(), note=words, color="#0f766e", own_color="1")
    assert "Saved." in await text(answer)
    for path in ("/alice", "/alice/one-on-one"):
        page = await text(await client.get(path))
        assert "I draw <strong>maps</strong>. &lt;script&gt;" in page
        assert "/static/accent-0f766e.css" in page
    [address] = set(re.findall(r'src="(/static/picture-[0-9a-f]{32})"', page))
    assert f'property="og:image" content="{office.settings.server.base_url}{address}"' in page
    shown = await client.get(address)
    assert (shown.content_type, shown.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "immutable" in shown.headers["Cache-Control"]
    await put(client, remove="1")
    assert address not in await text(await client.get("/alice"))
    assert (await client.get(address)).status == 404


@pytest.mark.parametrize(
    ("field", "wrong"), [("name", ""), ("name", "x" * 201), ("note", "x" * 2001), ("note", "\x00"), ("color", "red")]
)
async def test_what_is_wrong_is_said_at_its_field(client, field, wrong):
    await sign_in(client)
    page = await text(await put(client, own_color="1", **{"color": "#0f766e", field: wrong}), 422)
    assert f'id="e-{field}"' in page


async def test_what_is_no_picture_is_said_too(client):
    await sign_in(client)
    page = await text(await put(client, picture=b"nothing"), 422)
    assert 'id="e-picture"' in page


async def test_a_team_is_shown_by_those_who_lead_it(client, office):
    def add(conn):
        return add_team(conn, "sales", "s@example.com", members=[office.alice.id], zone="UTC", now=NOW)

    team = office.db.write_now(add)
    await sign_in(client)
    for role, status in (("member", 404), ("admin", 200)):
        office.db.write_now(teams.put, team, office.alice.id, role)
        assert (await client.get("/app/profile", params={"team": "sales"})).status == status
    assert (await put(client, "/app/profile?team=sales", name="The sales team")).status == 200
    assert "The sales team" in await text(await client.get("/team/sales"))
    assert "Alice Hartmann" in await text(await client.get("/alice"))
    office.db.write_now(teams.put, team, office.alice.id, "member")
    form = hidden(await text(await client.get("/app/profile")))
    assert (await client.post("/app/profile", data={**form, "team": "sales", "name": "Mine"})).status == 404
    assert (await client.get("/app/profile", params={"team": "others"})).status == 404
