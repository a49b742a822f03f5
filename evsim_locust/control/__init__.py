"""The swarm under control: who has which id, what every station is doing, and the REST API to it."""
