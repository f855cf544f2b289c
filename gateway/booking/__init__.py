"""Event types, slots, bookings."""
