"""The outside world, on loopback: real servers at real sockets that behave as badly as the real ones do."""
