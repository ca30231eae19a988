"""A development machine's own PostgreSQL and Valkey, and the supervisor of `make run`. Standard library only."""
