"""Django's PostgreSQL, which a server that hangs or is away cannot hold up. See docs/reliability.md."""
