"""What the RSA lab fetches: its words, and their vectors in each space, quantised for transfer."""
