import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dav.paths import On, Place, decode, encode, of_href, path_of, read
from gateway.errors import InvalidRequest, NotFound


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", Place(On.ROOT, alias="/")),
        ("/dav", Place(On.ROOT)),
        ("/dav/", Place(On.ROOT)),
        ("/principals/", Place(On.PRINCIPALS, alias="/principals/")),
        ("/dav/principals/alice", Place(On.PRINCIPAL, "alice")),
        ("/dav/principals/ALICE/", Place(On.PRINCIPAL, "alice")),
        ("/dav/calendars/a%40b.org/", Place(On.HOME, "a@b.org")),
        ("/dav/calendars/a@b.org/", Place(On.HOME, "a@b.org")),
        ("/dav/calendars/alice/merged", Place(On.CALENDAR, "alice")),
        ("/dav/calendars/alice/inbox/", Place(On.INBOX, "alice")),
        ("/dav/calendars/alice/outbox/", Place(On.OUTBOX, "alice")),
        ("/dav/calendars/alice/merged/A%20b%C3%BC.ics", Place(On.OBJECT, "alice", "A bü.ics")),
        ("/dav/calendars/alice/Work%20%C3%BC/", Place(On.SEPARATE, "alice", collection="Work ü")),
        ("/dav/calendars/alice/work/x.ics", Place(On.OBJECT, "alice", "x.ics", collection="work")),
        ("/dav/calendars/alice/inbox/x.ics", Place(On.MESSAGE, "alice", "x.ics")),
        ("/dav/calendars/alice/merged/a%0Ab.ics", Place(On.OBJECT, "alice", "a\nb.ics")),
        ("/dav/calendars/alice/merged/.hidden", Place(On.OBJECT, "alice", ".hidden")),
    ],
)
def test_paths_name_places(path: str, place: Place) -> None:
    assert read(path) == place


@pytest.mark.parametrize(
    "path",
    [
        "/dav//",
        "//dav/",
        "/dav/calendars//merged/",
        "/dav/../etc",
        "/dav/%2e%2e/etc",
        "/dav/calendars/alice/merged/.",
        "/dav/calendars/alice/merged/%2E%2E",
        "/dav/calendars/alice/merged/a%2Fb.ics",
        "/dav/calendars/alice/merged/a%5Cb.ics",
        "/dav/calendars/alice/merged/a%00.ics",
        "/dav/calendars/alice/merged/a%1Bb.ics",
        "/dav/calendars/alice/merged/%FF.ics",
        "/dav/calendars/alice/merged/" + "x" * 1001,
        "dav",
        "",
    ],
)
def test_paths_that_no_name_of_ours_can_have(path: str) -> None:
    with pytest.raises(InvalidRequest):
        read(path)


@pytest.mark.parametrize(
    "path",
    [
        "/davx",
        "/dav/other/",
        "/dav/principals/alice/merged/",
        "/dav/calendars/alice/outbox/x",
        "/dav/calendars/alice/merged/x/",
        "/dav/calendars/alice/merged/x/y",
        "/dav/calendars/alice/inbox/x/",
        "/principals/alice/",
    ],
)
def test_paths_that_lead_nowhere(path: str) -> None:
    with pytest.raises(NotFound):
        read(path)


@pytest.mark.parametrize(
    ("href", "path"),
    [
        (" /dav/x \n", "/dav/x"),
        ("https://calendar.example.com/dav/x", "/dav/x"),
        ("http://[::1]:5232/dav/x?y#z", "/dav/x"),
    ],
)
def test_hrefs_are_paths_or_urls(href: str, path: str) -> None:
    assert of_href(href) == path


def test_an_href_that_is_none() -> None:
    with pytest.raises(InvalidRequest):
        of_href("http://[::1/x")


names = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/\\"), min_size=1, max_size=100
).filter(lambda name: name not in {".", ".."})


@given(names)
def test_a_name_comes_back_from_its_path(name: str) -> None:
    assert decode(encode(name)) == name
    assert read(path_of(Place(On.OBJECT, "alice", name))) == Place(On.OBJECT, "alice", name)
