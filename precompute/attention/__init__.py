"""The attention explorer's data: every head's scores, and the attention of its sentences and of the reader's own."""
