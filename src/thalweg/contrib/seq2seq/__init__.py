"""`tf.contrib.seq2seq`: decoders, the helpers that feed them, attention, beam search, and the loss over sequences.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/seq2seq
"""

from __future__ import annotations

from thalweg.contrib.seq2seq.attention import (
    AttentionMechanism as AttentionMechanism,
    BahdanauAttention as BahdanauAttention,
    BahdanauMonotonicAttention as BahdanauMonotonicAttention,
    LuongAttention as LuongAttention,
    LuongMonotonicAttention as LuongMonotonicAttention,
    hardmax as hardmax,
    monotonic_attention as monotonic_attention,
    safe_cumprod as safe_cumprod,
)
from thalweg.contrib.seq2seq.attention_wrapper import (
    AttentionWrapper as AttentionWrapper,
    AttentionWrapperState as AttentionWrapperState,
)
from thalweg.contrib.seq2seq.beam_search import (
    BeamSearchDecoder as BeamSearchDecoder,
    BeamSearchDecoderOutput as BeamSearchDecoderOutput,
    BeamSearchDecoderState as BeamSearchDecoderState,
    FinalBeamSearchDecoderOutput as FinalBeamSearchDecoderOutput,
    gather_tree as gather_tree,
    tile_batch as tile_batch,
)
from thalweg.contrib.seq2seq.decoder import (
    BasicDecoder as BasicDecoder,
    BasicDecoderOutput as BasicDecoderOutput,
    Decoder as Decoder,
    dynamic_decode as dynamic_decode,
)
from thalweg.contrib.seq2seq.helpers import (
    CustomHelper as CustomHelper,
    GreedyEmbeddingHelper as GreedyEmbeddingHelper,
    Helper as Helper,
    InferenceHelper as InferenceHelper,
    SampleEmbeddingHelper as SampleEmbeddingHelper,
    ScheduledEmbeddingTrainingHelper as ScheduledEmbeddingTrainingHelper,
    ScheduledOutputTrainingHelper as ScheduledOutputTrainingHelper,
    TrainingHelper as TrainingHelper,
)
from thalweg.contrib.seq2seq.loss import sequence_loss as sequence_loss
