"""Reports: one table, and the functions its rows name."""
