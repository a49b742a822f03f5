"""OCPP-J without I/O: frames, typed messages, and the endpoint that both sides of a connection are built on."""
