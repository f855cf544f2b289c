"""Rooms at providers of conferences: made with a booking, changed and removed with it, one for each."""
