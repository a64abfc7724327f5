"""What an RSA score rests on: the spaces, the judges, the words, what is held fixed, the bits. One module an artefact.

The formulas are those of `precompute.rsa`; `spaces` says which spaces there are and what they share.
"""
