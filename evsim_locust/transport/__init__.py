"""WebSockets on gevent: opening, frames, the one loop that joins a station and its link, back-off, and fakes."""
