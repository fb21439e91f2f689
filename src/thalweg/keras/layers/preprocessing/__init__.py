"""Layers that prepare data: fitted on it by `adapt`, or by chance, as augmentation."""

from thalweg.keras.layers.preprocessing.categories import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
)
from thalweg.keras.layers.preprocessing.colours import (
    AutoContrast,
    CutMix,
    Equalization,
    MixUp,
    Pipeline,
    RandomBrightness,
    RandomColorDegeneration,
    RandomColorJitter,
    RandomContrast,
    RandomErasing,
    RandomGaussianBlur,
    RandomGrayscale,
    RandomHue,
    RandomInvert,
    RandomPosterization,
    RandomSaturation,
    RandomSharpness,
    Solarization,
)
from thalweg.keras.layers.preprocessing.images import (
    CenterCrop,
    RandomCrop,
    RandomFlip,
    RandomHeight,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomWidth,
    RandomZoom,
    Resizing,
)
from thalweg.keras.layers.preprocessing.lookup import (
    IntegerLookup,
    StringLookup,
)
from thalweg.keras.layers.preprocessing.normalization import Normalization
from thalweg.keras.layers.preprocessing.rescaling import Rescaling
from thalweg.keras.layers.preprocessing.text import (
    TextVectorization,
)

CLASSES = (
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
__all__ = ["CLASSES", *(cls.__name__ for cls in CLASSES)]
