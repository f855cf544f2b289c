"""Arithmetic on sets of minutes: an integer, bit i for minute i after a base."""

from collections.abc import Iterable


def ones(start: int, end: int) -> int:
    """Minutes in [start, end), as far as they are not before the base."""
    start = max(start, 0)
    return ((1 << (end - start)) - 1) << start if end > start else 0


def union(periods: Iterable[tuple[int, int, int]], size: int, opens: int, shuts: int) -> int:
    """Minutes of [0, size) that any of the periods touches.

    periods: start and end in seconds, in order of their start, and kind; one of kind 0, or of no length, is left out.
    opens, shuts: the second that is minute 0 for starts and for ends; buffers move them apart.
    With one bit for each start and one for each end of the merged periods, the minutes are the difference.
    """
    starts, ends = bytearray(size // 8 + 1), bytearray(size // 8 + 1)
    low = high = 0
    beyond = opens + 60  # a period that starts from here on is apart from [low, high)
    last = shuts
    for start, end, kind in periods:
        if not kind or start >= end:
            continue
        if start >= beyond:
            if high > low:
                starts[low >> 3] |= 1 << (low & 7)
                ends[high >> 3] |= 1 << (high & 7)
            low = high = (start - opens) // 60
            if low >= size:
                break
        elif end <= last:
            continue
        high = -((shuts - end) // 60)
        last = end
        if high >= size:
            high = size
            break
        beyond = opens + 60 + high * 60
    if high > low:
        starts[low >> 3] |= 1 << (low & 7)
        ends[high >> 3] |= 1 << (high & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def run(bits: int, length: int) -> int:
    """Minutes with which `length` set minutes begin; log2(length) shifts."""
    have = 1
    while have < length:
        more = min(have, length - have)
        bits &= bits >> more
        have += more
    return bits


def every(size: int, step: int, first: int) -> int:
    """first, first + step, … below size."""
    count = -(-(size - first) // step)
    if count <= 0:
        return 0
    return (((1 << (step * count)) - 1) // ((1 << step) - 1)) << first


def next_in(bits: int, grid: int, within: int) -> int:
    """For each bit the first grid minute at or after it, reached without leaving `within`.

    An addition does it: a carry runs through the minutes off the grid and stops at the first other one.
    """
    passing = within & ~grid
    landed = (passing + (bits & passing)) & ~passing
    return (landed | bits) & grid & within


def repeat(firsts: int, step: int, allowed: int) -> int:
    """firsts, and from each on every `step` minutes as long as the minute is in `allowed`."""
    found = firsts
    shift = step
    while allowed:
        found |= (found << shift) & allowed
        allowed &= allowed << shift
        shift *= 2
    return found
