"""Pages, notices from providers, feeds."""
