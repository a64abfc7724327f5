"""One vector for a sentence, made in several ways; how alike sentences are by each, what a search by each finds, and its use."""
