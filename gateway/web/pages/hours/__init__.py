"""/app/hours: working hours by name; the standard ones are the availability that calendar apps show."""
