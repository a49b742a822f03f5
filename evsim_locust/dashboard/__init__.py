"""The dashboard: one page and its files, which show what the REST API tells."""
