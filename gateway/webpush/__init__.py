"""Web Push: messages that only their receiver can read (RFC 8291), handed to push services (RFC 8030, RFC 8292)."""
