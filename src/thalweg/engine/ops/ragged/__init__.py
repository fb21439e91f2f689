"""Ragged tensors: rows of different lengths, kept as all values end to end and where each row begins."""
