"""`tensorflow.examples`: what tutorials import."""

from thalweg.compat.v1.examples import tutorials as tutorials
