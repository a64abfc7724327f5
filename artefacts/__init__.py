"""The data contract between `precompute` (which writes) and the build (which reads).

`schemas` says what each file holds, `envelope` reads and writes it, `packing` turns dense integer
arrays into text, `tokens` turns a vocabulary entry into something a person can see.
"""
