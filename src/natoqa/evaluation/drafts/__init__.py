"""Questions proposed from the documents by rules, without a language model."""
