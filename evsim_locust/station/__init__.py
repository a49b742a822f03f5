"""One charging station (OCPP: Charge Point) without I/O: texts, commands and time go in, texts and events come out."""
