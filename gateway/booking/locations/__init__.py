"""Where a booking takes place: one row each."""
