"""Providers tell of changes by themselves, where they can and where they reach us.

`plan` decides, `watch` opens, renews and stops channels, `arrivals` takes notices in, `looks` says which calendars a
pull reads, `standing` what holds for an account. A notice is a hint and no more: all it does is have its calendar read.
The slow poll underneath never ends.
"""
