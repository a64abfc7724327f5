"""What an encoder is given and asked in training: special tokens, segments, masks, pairs; and who can see whom."""
