"""Simulated providers and the seed of gateway demo."""
