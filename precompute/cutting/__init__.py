"""How tokenizers cut words: step by step, into how many pieces, and what the entries of their vocabularies are."""
