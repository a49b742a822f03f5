"""What a run leaves behind in a database: logs, sessions, energy, prices, runs."""
