"""Boot-time system checks with ids."""
