"""The index: schema, objects, change log, people, bookings, jobs. The only part with SQL."""
