"""iTIP messages and the mail that carries them."""
