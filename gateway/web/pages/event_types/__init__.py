"""/app/event-types: what can be booked, listed and edited. FIELDS is the editor; a further field is one row there."""
