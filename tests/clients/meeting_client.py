#!/usr/bin/env python3
"""Thunderbird, the `caldav` package and somebody with mail alone agree on meetings: see tests/clients/meeting/story.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from meeting.run import main  # noqa: E402 - the path has to be there first

if __name__ == "__main__":
    sys.exit(main())
