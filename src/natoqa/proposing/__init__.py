"""Questions made of the documents' own sentences by rules, without a language model: English, and few but good."""
