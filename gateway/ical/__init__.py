"""iCalendar text <-> values; pure, and the only part that opens an iCalendar library."""
