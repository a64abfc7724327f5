"""The embedding matrices as they lie in the files: their numbers, their rows, and what two of them have at the same place."""
