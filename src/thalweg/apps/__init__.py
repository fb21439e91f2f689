"""The programs of Thalweg's command line: thin, over the libraries."""
