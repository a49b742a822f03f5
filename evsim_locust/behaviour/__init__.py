"""Drivers, cars and sites: profiles, mixes, identities, randomness and the environment."""
