"""What happens to words inside the networks, layer by layer: their states, their queries, keys and values, and how they compare."""
