"""Recognition in processes of its own, one for each core: the service keeps the sockets, the workers the engines."""
