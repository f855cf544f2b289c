"""What the tests of races share."""

from collections.abc import Callable

Race = Callable[..., list[object]]
