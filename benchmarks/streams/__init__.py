"""Real-time streams over a bare WebSocket, for timing what stands between a client and a recogniser."""
