"""Providers tell of changes by themselves, where they can and where they reach us.

`plan` decides, `watch` opens, renews and stops channels, `arrivals` takes notices in, `standing` says what holds for an
account. A notice is a hint and no more: all it does is make a pull due. The slow poll underneath never ends.
"""
