"""What the demo begins with: people, their calendars at the simulated providers, event types; relative to today."""
