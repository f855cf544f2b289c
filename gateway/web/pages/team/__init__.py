"""/app/team: the teams that one is in, who is in them, and what can be booked with them."""
