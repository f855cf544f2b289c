"""One accent colour that can be read in both schemes, from whatever colour its owner likes."""

import re
from dataclasses import dataclass
from typing import Final

READABLE: Final = 4.5  # WCAG 2.2, 1.4.3 (AA)
STEP: Final = 0.02
STANDARD: Final = "#2f5fd0"

Rgb = tuple[int, int, int]

LIGHT_SURFACE: Final[Rgb] = (0xFF, 0xFF, 0xFF)
LIGHT_BACKGROUND: Final[Rgb] = (0xF5, 0xF6, 0xF8)
DARK_SURFACE: Final[Rgb] = (0x17, 0x1A, 0x20)
DARK_BACKGROUND: Final[Rgb] = (0x0F, 0x11, 0x15)
BLACK: Final[Rgb] = (0, 0, 0)
WHITE: Final[Rgb] = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Tones:
    """ink: text and filled areas; paper: text on filled areas; soft: a tint that ink stands on."""

    ink: str
    paper: str
    soft: str


@dataclass(frozen=True, slots=True)
class Accent:
    light: Tones
    dark: Tones


def parse(color: str) -> Rgb | None:
    """Of #rgb, #rrggbb or #rrggbbaa (Apple's); None if it is none of them."""
    digits = color.strip().removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", digits):
        return None
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def hexadecimal(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    """share: how much of `other`, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue


def luminance(color: Rgb) -> float:
    """Source: WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (part / 255 for part in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """1 (the same) to 21 (black on white)."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _tones(color: Rgb, towards: Rgb, surface: Rgb, background: Rgb, tint: float) -> Tones:
    """Moves `color` towards black or white until it can be read on everything it will stand on."""
    share = 0.0
    while True:
        ink = mix(color, towards, min(share, 1.0))
        soft = mix(surface, ink, tint)
        if share >= 1.0 or min(contrast(ink, under) for under in (surface, background, soft)) >= READABLE:
            return Tones(hexadecimal(ink), hexadecimal(surface), hexadecimal(soft))
        share += STEP


def accent(color: str) -> Accent:
    """The tones for both schemes; what is no colour gives the standard ones."""
    wanted = parse(color) or parse(STANDARD) or BLACK
    return Accent(
        light=_tones(wanted, BLACK, LIGHT_SURFACE, LIGHT_BACKGROUND, 0.09),
        dark=_tones(wanted, WHITE, DARK_SURFACE, DARK_BACKGROUND, 0.14),
    )


def stylesheet(color: str) -> str:
    """The custom properties, for a file of its own: the content security policy allows no style in the page."""
    tones = accent(color)

    def rule(chosen: Tones, which: str) -> str:
        return f":root{which}{{--ink:{chosen.ink};--paper:{chosen.paper};--soft:{chosen.soft}}}"

    by_system = rule(tones.dark, ":not([data-theme=light])")
    forced = rule(tones.dark, "[data-theme=dark]")
    return f"{rule(tones.light, '')}@media(prefers-color-scheme:dark){{{by_system}}}{forced}"
