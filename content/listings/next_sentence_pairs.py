"""Pairs for next sentence prediction: half real, half with a second text from elsewhere.

Needs nothing but Python.
"""

import random

documents = [
    ["The cat sat on the mat.", "It was purring softly.", "Then it went to sleep."],
    ["I went to the store.", "They were out of milk.", "So I bought cheese."],
    ["It was a sunny day.", "We walked to the river.", "The water was cold."],
]
chance = random.Random(1)


def pair():
    """(input, label): two texts with special tokens, and where the second came from."""
    document = chance.choice(documents)
    place = chance.randrange(len(document) - 1)
    first, second, label = document[place], document[place + 1], "IsNext"
    if chance.random() < 0.5:
        other = chance.choice([d for d in documents if d is not document])
        second, label = chance.choice(other), "NotNext"
    return f"[CLS] {first} [SEP] {second} [SEP]", label


for _ in range(4):
    text, label = pair()
    print(f"{label:8}{text}")

labels = [pair()[1] for _ in range(10_000)]
print(f"IsNext in {labels.count('IsNext') / len(labels):.1%} of 10,000 pairs")
