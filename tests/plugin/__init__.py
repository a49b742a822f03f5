"""Locust inside the test process, not patched."""
