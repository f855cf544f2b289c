"""Web Push messages: the RFC's own example, and that whoever is meant can read them."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidSubscription
from gateway.webpush.encrypt import MOST, encrypt, new_sender, packed, read_recipient, unpacked
from tests.fakes.push_service import Device

PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_rfc_8291_appendix_a():
    sender = ec.derive_private_key(
        int.from_bytes(unpacked("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    salt = unpacked("DGv6ra1nlYgDCS1FRnbzlw")
    text = b"When I grow up, I want to be a watermelon"
    assert packed(encrypt(text, read_recipient(PUBLIC, SECRET), salt=salt, sender=sender)) == BODY


@given(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=900))
def test_whoever_is_meant_can_read_it(text):
    device = Device("")
    body = encrypt(text.encode(), read_recipient(device.public, device.auth), sender=new_sender())
    assert device.read(body) == text


def test_a_message_may_be_as_long_as_a_push_service_has_to_take():
    device = Device("")
    body = encrypt(b"x" * MOST, read_recipient(device.public, device.auth), sender=new_sender())
    assert (len(body), device.read(body)) == (4096, "x" * MOST)


@pytest.mark.parametrize(
    ("public", "secret"),
    [
        pytest.param("", SECRET, id="no key"),
        pytest.param(PUBLIC[:-4], SECRET, id="a key that was cut"),
        pytest.param("A" + PUBLIC[1:], SECRET, id="a point in another form"),
        pytest.param(PUBLIC[:-6] + "AAAAA4", SECRET, id="a point that is not on the curve"),
        pytest.param("\N{SNOWMAN}", SECRET, id="no base64"),
        pytest.param(PUBLIC, "", id="no secret"),
        pytest.param(PUBLIC, SECRET + "AA", id="a secret that is too long"),
    ],
)
def test_keys_that_nobody_can_have_are_refused(public, secret):
    with pytest.raises(InvalidSubscription):
        read_recipient(public, secret)
