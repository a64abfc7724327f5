"""Whether what was exported of GPT-2 and BERT is what others have measured on them."""
