"""BERT and its relatives: sizes, published figures, and what other fields and languages look like to its vocabulary."""
