"""/app/bookings: what others have booked, what happened to it, and all that hosts do with it."""
