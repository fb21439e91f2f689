"""`thalweg board --compare`: runs side by side."""
