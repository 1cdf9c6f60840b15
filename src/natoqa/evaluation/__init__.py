"""Measuring natoqa: question sets, metrics and the places where gold evidence stands."""
