"""Invitations by mail (RFC 6047): out to people who are not here, and in from them."""
