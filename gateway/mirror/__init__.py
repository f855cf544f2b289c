"""Busy time of chosen calendars, shown in another one as blocks that say nothing else."""
