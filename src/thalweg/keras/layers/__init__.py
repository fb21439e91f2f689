"""Layers: `tf.keras.layers`."""

from typing import Any

from thalweg.keras.engine.input_layer import Input, InputLayer
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.layers.activation import ELU, LeakyReLU, PReLU, ReLU, Softmax, ThresholdedReLU
from thalweg.keras.layers.attention import AdditiveAttention, Attention, GroupedQueryAttention, MultiHeadAttention
from thalweg.keras.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from thalweg.keras.layers.core import Activation, Identity, Lambda, Masking
from thalweg.keras.layers.dense import Dense
from thalweg.keras.layers.einsum_dense import EinsumDense
from thalweg.keras.layers.embedding import Embedding
from thalweg.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from thalweg.keras.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from thalweg.keras.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from thalweg.keras.layers.preprocessing import (
    CLASSES as _PREPROCESSING,
    AutoContrast,
    CategoryEncoding,
    CenterCrop,
    CutMix,
    Discretization,
    Equalization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    MixUp,
    Normalization,
    Pipeline,
    RandomBrightness,
    RandomColorDegeneration,
    RandomColorJitter,
    RandomContrast,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    RandomGaussianBlur,
    RandomGrayscale,
    RandomHeight,
    RandomHue,
    RandomInvert,
    RandomPosterization,
    RandomRotation,
    RandomSaturation,
    RandomSharpness,
    RandomShear,
    RandomTranslation,
    RandomWidth,
    RandomZoom,
    Rescaling,
    Resizing,
    Solarization,
    StringLookup,
    TextVectorization,
)
from thalweg.keras.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    AbstractRNNCell,
    ConvLSTM1D,
    ConvLSTM2D,
    ConvLSTM3D,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
)
from thalweg.keras.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from thalweg.keras.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from thalweg.keras.layers.resizing import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from thalweg.keras.layers.wrappers import Bidirectional, SpectralNormalization, TimeDistributed, Wrapper
from thalweg.keras.saving.registration import Catalogue

CLASSES = (
    *_PREPROCESSING,
    GRU, LSTM, RNN, AbstractRNNCell, Bidirectional, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, GRUCell, LSTMCell, SimpleRNN,
    SimpleRNNCell, SpectralNormalization, StackedRNNCells, TimeDistributed, Wrapper,
    AdditiveAttention, Attention, EinsumDense, GroupedQueryAttention, MultiHeadAttention,
    ELU, Activation, ActivityRegularization, Add, AlphaDropout, Average, AveragePooling1D, AveragePooling2D,
    AveragePooling3D, BatchNormalization, Concatenate, Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3D,
    Conv3DTranspose, Cropping1D, Cropping2D, Cropping3D, Dense, DepthwiseConv1D, DepthwiseConv2D, Dot, Dropout, Embedding,
    Flatten, GaussianDropout, GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
    GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D, GroupNormalization, Identity, InputLayer, Lambda,
    LayerNormalization, LeakyReLU, Masking, MaxPooling1D, MaxPooling2D, MaxPooling3D, Maximum, Minimum, Multiply,
    PReLU, Permute, RMSNormalization, ReLU, RepeatVector, Reshape, SeparableConv1D,
    SeparableConv2D, Softmax, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, Subtract, ThresholdedReLU,
    UnitNormalization, UpSampling1D, UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D,
)  # fmt: skip
# Other names of the same classes, which Keras has for each of them.
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose, Deconvolution2D, Deconvolution3D = Conv3DTranspose, Conv2DTranspose, Conv3DTranspose
GlobalAvgPool1D, GlobalAvgPool2D, GlobalAvgPool3D = (
    GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
)  # fmt: skip
GlobalMaxPool1D, GlobalMaxPool2D, GlobalMaxPool3D = GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D
MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
GroupQueryAttention, CuDNNLSTM, CuDNNGRU = GroupedQueryAttention, LSTM, GRU
_OTHER_NAMES = (
    "AvgPool1D", "AvgPool2D", "AvgPool3D", "Convolution1D", "Convolution1DTranspose", "Convolution2D",
    "Convolution2DTranspose", "Convolution3D", "Convolution3DTranspose", "CuDNNGRU", "CuDNNLSTM", "Deconvolution2D",
    "Deconvolution3D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D",
    "GlobalMaxPool3D", "GroupQueryAttention", "MaxPool1D", "MaxPool2D", "MaxPool3D", "SeparableConvolution1D",
    "SeparableConvolution2D",
)  # fmt: skip
FUNCTIONS = (add, average, concatenate, dot, maximum, minimum, multiply, subtract)
_catalogue = Catalogue("keras.layers", "layer", CLASSES, {name: globals()[name] for name in _OTHER_NAMES})


def serialize(layer: Layer) -> Any:
    """The config of a layer."""
    return _catalogue.serialize(layer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The layer that `serialize` described, written by either generation of Keras."""
    return _catalogue.deserialize(config, custom_objects)


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), *_OTHER_NAMES, "Input", "InputSpec", "Layer",
    *sorted(fn.__name__ for fn in FUNCTIONS), "deserialize", "serialize",
]  # fmt: skip
