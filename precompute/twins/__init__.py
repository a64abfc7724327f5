"""Small embedding models that are trained here, on one text, alike but for the seed or the objective; what they then share."""
