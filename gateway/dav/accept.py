"""Which of several forms a request would rather have (RFC 9110 12.5.1)."""

from collections.abc import Sequence


def preferred(header: str, offers: Sequence[str]) -> str:
    """The best of the media types we offer; the first of them where the header does not tell, or wants none."""
    wanted = [weight for part in header.split(",") if (weight := _weight(part)) is not None]
    return max(offers, key=lambda offer: (_quality(offer, wanted), -offers.index(offer)))


def _weight(part: str) -> tuple[str, float] | None:
    """(media type in lower case, its weight); None for what is neither."""
    media, *params = (piece.strip().lower() for piece in part.split(";"))
    given = next((param[2:] for param in params if param.startswith("q=")), "1")
    try:
        return (media, float(given)) if "/" in media else None
    except ValueError:
        return None


def _quality(offer: str, wanted: Sequence[tuple[str, float]]) -> float:
    """That of the closest of the ranges that hold the offer."""
    ranges = dict(wanted)
    for media in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        if media in ranges:
            return ranges[media]
    return 0
