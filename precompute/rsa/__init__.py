"""Representational similarity analysis: two sets of vectors of the same words, compared by how alike each finds the pairs of words.

The formulas live here, free of models: `rdms` (step one), `coefficients` (step two), `inference`, `selectivity`, `partial`, `cka`.
`words` says which words can be compared in a set. The modules that write artefacts come after them.
"""
