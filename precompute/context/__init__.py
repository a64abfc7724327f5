"""What a network does with a text: states layer by layer, attention weights, and what happens when the text or the network is changed."""
