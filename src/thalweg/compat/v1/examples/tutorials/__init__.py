"""Tutorials' data."""

from thalweg.compat.v1.examples.tutorials import mnist as mnist
