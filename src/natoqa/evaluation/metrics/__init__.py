"""The metrics, as pure functions, with intervals and tests of significance. docs/metrics.md explains them."""
