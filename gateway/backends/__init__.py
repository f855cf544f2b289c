"""The providers: one file each, all behind the interface in base."""
