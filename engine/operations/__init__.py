"""What an operator needs of a running service: who may come in, how it fares, what it can carry, and its documents."""
