"""The mock central system: a pure core, a thin aiohttp server, a SQLite store."""
