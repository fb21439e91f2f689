"""`tf.contrib.staging`: a place to put the next batch while this one is used."""

from thalweg.compat.v1.queues import StagingArea as StagingArea
