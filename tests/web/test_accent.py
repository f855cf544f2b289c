from hypothesis import given
from hypothesis import strategies as st

from gateway.web.accent import (
    DARK_BACKGROUND,
    DARK_SURFACE,
    LIGHT_BACKGROUND,
    LIGHT_SURFACE,
    READABLE,
    STANDARD,
    accent,
    contrast,
    hexadecimal,
    parse,
    stylesheet,
)

channels = st.integers(0, 255)
colors = st.builds(lambda *rgb: hexadecimal(rgb), channels, channels, channels)


@given(colors)
def test_every_colour_can_be_read_wherever_it_stands(color):
    tones = accent(color)
    for chosen, surface, background in (
        (tones.light, LIGHT_SURFACE, LIGHT_BACKGROUND),
        (tones.dark, DARK_SURFACE, DARK_BACKGROUND),
    ):
        ink = parse(chosen.ink)
        assert ink
        assert parse(chosen.paper) == surface
        for under in (surface, background, parse(chosen.soft)):
            assert under
            assert contrast(ink, under) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert accent("#2f5fd0").light.ink == "#2f5fd0"
    assert accent("#ffd54a").dark.ink == "#ffd54a"


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((0x76, 0x76, 0x76), (255, 255, 255)), 2) == 4.54


def test_colours_as_people_and_clients_write_them():
    assert parse("#1A2b3C") == parse("1a2b3cff") == (0x1A, 0x2B, 0x3C)
    assert parse("#abc") == (0xAA, 0xBB, 0xCC)
    assert [parse(wrong) for wrong in ("", "red", "#12345", "url(x)")] == [None] * 4
    assert accent("red") == accent(STANDARD)


def test_the_stylesheet_has_both_schemes():
    assert stylesheet("#2f5fd0").count("--ink:") == 3  # light, dark by the system, dark as asked
