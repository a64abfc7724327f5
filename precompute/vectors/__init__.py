"""What vectors do in a model and what is read into them: look-ups, scores, sizes, axes, analogies, associations."""
