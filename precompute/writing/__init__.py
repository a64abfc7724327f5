"""What a decoder expects next: probabilities token by token, temperatures, continuations."""
