"""The embedding matrices of GPT-2 and BERT: where they are kept in the models.

Needs: pip install torch transformers
Without arguments the models are built to size with random numbers and one
layer each, so that nothing is fetched. Add --hub for the real ones (1 GB).
"""

import sys

import torch
from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

if "--hub" in sys.argv:
    gpt2 = GPT2Model.from_pretrained("openai-community/gpt2")
    bert = BertModel.from_pretrained("google-bert/bert-base-uncased")
else:
    gpt2 = GPT2Model(GPT2Config(n_layer=1)).eval()
    bert = BertModel(BertConfig(num_hidden_layers=1)).eval()

wte = gpt2.wte.weight.detach().numpy()  # word token embeddings
words = bert.embeddings.word_embeddings.weight.detach().numpy()

for name, matrix in (("GPT-2", wte), ("BERT", words)):
    rows, columns = matrix.shape
    numbers = f"{rows * columns:,} in all"
    print(f"{name}: {rows:,} rows of {columns} numbers, {numbers}")

# Looking a token up means taking its row.
row = gpt2.wte(torch.tensor([15000])).detach().numpy()[0]
print("the look-up of 15000 is row 15000:", bool((row == wte[15000]).all()))
