from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dav import xml
from gateway.errors import DAV, InvalidXml

BOMB = "".join(f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<a", id="cut"),
        pytest.param(b"<a></b>", id="crossed"),
        pytest.param(b"<a/><b/>", id="two roots"),
        pytest.param(b"<a>\x00</a>", id="NUL"),
        pytest.param(b"<a>\xff</a>", id="not UTF-8"),
        pytest.param(b'<?xml version="1.0" encoding="nonsense"?><a/>', id="unknown encoding"),
        pytest.param(b"<x:a/>", id="undeclared prefix"),
        pytest.param(b"<!DOCTYPE a><a/>", id="document type"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', id="external entity"),
        pytest.param(f'<!DOCTYPE a [<!ENTITY b0 "ha">{BOMB}]><a>&b9;</a>'.encode(), id="bomb"),
        pytest.param("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>".encode("utf-16"), id="document type in UTF-16"),
        pytest.param(b"<a>&e;</a>", id="undeclared entity"),
        pytest.param(b"<a>" * 100_000, id="deep and cut"),
        pytest.param(b"<a>" * 100_000 + b"</a>" * 100_000, id="deep"),
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(InvalidXml):
        xml.parse(body)


def test_other_encodings_are_read() -> None:
    assert xml.parse('<?xml version="1.0" encoding="utf-16"?><a>ü</a>'.encode("utf-16")).text == "ü"


def test_comments_and_instructions_are_not_there() -> None:
    root = xml.parse(b"<a><!-- x --><?php y ?><b/>t</a>")
    assert [name for name, _ in xml.children(root)] == ["b"]


def test_an_element_stands_by_itself() -> None:
    root = xml.parse(
        b'<D:a xmlns:D="DAV:" xmlns:y="urn:y" xml:lang="de"><x:b xmlns:x="urn:x" y:c="1">t&#13;<D:d/></x:b>tail</D:a>'
    )
    text = xml.element_text(root[0])
    alone = ElementTree.fromstring(text)
    assert alone.tag == "{urn:x}b"
    assert alone.attrib == {"{urn:y}c": "1", xml.LANG: "de"}
    assert (alone.text, alone.tail, [one.tag for one in alone]) == ("t\r", None, ["{DAV:}d"])


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_text_survives_the_way_through_xml(text: str) -> None:
    kept = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    body = xml.encode(xml.document(DAV + "x", [xml.escape(text)]))
    assert (ElementTree.fromstring(body).text or "") == kept


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="}{\ufffe\uffff"), min_size=1))
def test_any_namespace_can_be_named(space: str) -> None:
    body = xml.encode(xml.document(DAV + "x", [xml.element(f"{{{space}}}local")]))
    [inner] = ElementTree.fromstring(body)
    assert inner.tag == f"{{{space}}}local"


def test_an_element_without_a_namespace() -> None:
    [inner] = ElementTree.fromstring(xml.encode(xml.document(DAV + "x", [xml.element("local", "v")])))
    assert (inner.tag, inner.text) == ("local", "v")
