"""Measuring natoqa: question sets, metrics, runs, their comparison and the report."""

from __future__ import annotations
