"""Parameters of BERT and ALBERT, counted without any weights.

Needs: pip install torch transformers
"""

import torch
from transformers import AlbertConfig, AutoModel, BertConfig, DistilBertConfig

configs = {
    "BERT base": BertConfig(),
    "DistilBERT": DistilBertConfig(),
    "ALBERT base": AlbertConfig(
        vocab_size=30000,
        embedding_size=128,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
    ),
}
for name, config in configs.items():
    with torch.device("meta"):  # shapes only: no memory is taken up
        network = AutoModel.from_config(config)
    count = sum(p.numel() for p in network.parameters())
    table = network.get_input_embeddings().weight
    print(f"{name:12} {count:12,}  table {table.shape[0]:,} x {table.shape[1]}")
