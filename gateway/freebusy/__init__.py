"""Busy time: collected, merged, published."""
