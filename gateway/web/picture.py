"""Pictures of people, made small and plain from whatever they send."""

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from gateway.errors import InvalidRequest

FORMATS: Final = ("PNG", "JPEG", "WEBP")
MOST_BYTES: Final = 8 * 2**20
MOST_PIXELS: Final = 50_000_000
SIDE: Final = 192  # pixels: twice what the profile shows
QUALITY: Final = 80


def portrait(sent: bytes) -> bytes:
    """A square WebP picture, upright, without anything else that was in the file, such as where it was taken.

    Raises: InvalidRequest for what is no such picture, or too large.
    """
    if len(sent) > MOST_BYTES:
        raise InvalidRequest("the picture is larger than 8 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(sent), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise InvalidRequest("the picture has more than 50 million pixels")
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            upright = ImageOps.exif_transpose(image)
            square = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidRequest("this is no picture in PNG, JPEG or WebP") from error
    made = BytesIO()
    Image.frombytes("RGBA", square.size, square.tobytes()).save(made, "WEBP", quality=QUALITY)
    return made.getvalue()
