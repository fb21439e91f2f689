"""Pictures with random changes, as Keras 1 and 2 have it: `ImageDataGenerator`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from thalweg.keras import config
from thalweg.keras.preprocessing.iterators import (
    DataFrameIterator as DataFrameIterator,
    DirectoryIterator as DirectoryIterator,
    Iterator as Iterator,
    NumpyArrayIterator as NumpyArrayIterator,
)
from thalweg.keras.preprocessing.transforms import (
    apply_affine_transform as apply_affine_transform,
    apply_brightness_shift as apply_brightness_shift,
    apply_channel_shift as apply_channel_shift,
    flip_axis,
    random_brightness as random_brightness,
    random_channel_shift as random_channel_shift,
    random_rotation as random_rotation,
    random_shear as random_shear,
    random_shift as random_shift,
    random_zoom as random_zoom,
)
from thalweg.keras.utils.directories import image_dataset_from_directory as image_dataset_from_directory
from thalweg.keras.utils.images import (
    array_to_img as array_to_img,
    img_to_array as img_to_array,
    load_img as load_img,
    save_img as save_img,
    smart_resize as smart_resize,
)


class ImageDataGenerator:
    """Batches of pictures, each changed by chance and standardised.

    rotation_range: degrees. width_shift_range, height_shift_range: shares below 1, pixels, or a list of pixels.
    brightness_range, zoom_range: two factors. shear_range: degrees. horizontal_flip, vertical_flip: with even chance.
    rescale: a factor. featurewise_..., zca_whitening: by statistics of the data, after `fit`. samplewise_...: by those of each
    picture. preprocessing_function: applied to each picture after the random changes. The random numbers are NumPy's, in
    Keras' order. Source: `tf.keras.preprocessing.image.ImageDataGenerator`.
    """

    def __init__(
        self, featurewise_center: bool = False, samplewise_center: bool = False, featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False, zca_whitening: bool = False, zca_epsilon: float = 1e-6,
        rotation_range: float = 0, width_shift_range: Any = 0.0, height_shift_range: Any = 0.0, brightness_range: Any = None,
        shear_range: float = 0.0, zoom_range: Any = 0.0, channel_shift_range: float = 0.0, fill_mode: str = "nearest",
        cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: float | None = None,
        preprocessing_function: Any = None, data_format: str | None = None, validation_split: float = 0.0,
        interpolation_order: int = 1, dtype: Any = None,
    ):  # fmt: skip
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be strictly between 0 and 1.  Received: {validation_split}")
        if brightness_range is not None and (not isinstance(brightness_range, (tuple, list)) or len(brightness_range) != 2):
            raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
        if not isinstance(zoom_range, (int, float)) and len(zoom_range) != 2:
            raise ValueError(f"`zoom_range` should be a float or a tuple or list of two floats. Received: {zoom_range}")
        zca_and_std = zca_whitening and featurewise_std_normalization
        self.featurewise_center = _implied(featurewise_center, zca_whitening or featurewise_std_normalization, "featurewise_center")
        self.samplewise_center = _implied(samplewise_center, samplewise_std_normalization, "samplewise_center")
        if zca_and_std:
            warnings.warn("`zca_whitening` takes the place of `featurewise_std_normalization`.", stacklevel=2)
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_and_std
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.zoom_range = [1 - zoom_range, 1 + zoom_range] if isinstance(zoom_range, (int, float)) else list(zoom_range)
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format, self.dtype = config.standardize_data_format(data_format), dtype or config.floatx()
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        self._validation_split = validation_split
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None

    # -- batches ---------------------------------------------------------------------------------------------

    def flow(
        self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: Any = None,
        seed: int | None = None, save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png",
        ignore_class_split: bool = False, subset: str | None = None,
    ) -> NumpyArrayIterator:  # fmt: skip
        """Batches from an array of pictures and one of labels."""
        return NumpyArrayIterator(
            x, y, self, batch_size=batch_size, shuffle=shuffle, sample_weight=sample_weight, seed=seed,
            data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix, save_format=save_format,
            ignore_class_split=ignore_class_split, subset=subset, dtype=self.dtype,
        )  # fmt: skip

    def flow_from_directory(
        self, directory: Any, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", follow_links: bool = False,
        subset: str | None = None, interpolation: str = "nearest", keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:  # fmt: skip
        """Batches from a folder with one folder for each class."""
        return DirectoryIterator(
            directory, self, target_size=target_size, color_mode=color_mode, classes=classes, class_mode=class_mode,
            batch_size=batch_size, shuffle=shuffle, seed=seed, data_format=self.data_format, save_to_dir=save_to_dir,
            save_prefix=save_prefix, save_format=save_format, follow_links=follow_links, subset=subset,
            interpolation=interpolation, keep_aspect_ratio=keep_aspect_ratio, dtype=self.dtype,
        )  # fmt: skip

    def flow_from_dataframe(
        self, dataframe: Any, directory: Any = None, x_col: str = "filename", y_col: Any = "class",
        weight_col: str | None = None, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", subset: str | None = None,
        interpolation: str = "nearest", validate_filenames: bool = True, **kwargs: Any,
    ) -> DataFrameIterator:  # fmt: skip
        """Batches from the paths in a column of a pandas frame, with the labels in another."""
        return DataFrameIterator(
            dataframe, directory, self, x_col=x_col, y_col=y_col, weight_col=weight_col, target_size=target_size,
            color_mode=color_mode, classes=classes, class_mode=class_mode, data_format=self.data_format,
            batch_size=batch_size, shuffle=shuffle, seed=seed, save_to_dir=save_to_dir, save_prefix=save_prefix,
            save_format=save_format, subset=subset, interpolation=interpolation, validate_filenames=validate_filenames,
            dtype=self.dtype,
        )  # fmt: skip

    # -- one picture -----------------------------------------------------------------------------------------

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """A picture, or a batch, rescaled and by its mean and spread, or those of the data."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._is_fitted(self.mean, "featurewise_center"):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_fitted(self.std, "featurewise_std_normalization"):
            x /= self.std + 1e-6
        if self.zca_whitening and self._is_fitted(self.zca_whitening_matrix, "zca_whitening"):
            x = (x.reshape(-1, np.prod(x.shape[-3:])) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _is_fitted(self, found: Any, what: str) -> bool:
        if found is None:
            warnings.warn(
                f"This ImageDataGenerator specifies `{what}`, but it hasn't been fit on any training data. Fit it first by "
                "calling `.fit(numpy_data)`.",
                stacklevel=3,
            )
        return found is not None

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """A random change for a picture of a shape, as numbers."""
        if seed is not None:
            np.random.seed(seed)
        uniform: Any = np.random.uniform
        theta = uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = uniform(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = (1, 1) if self.zoom_range[0] == self.zoom_range[1] == 1 else uniform(*self.zoom_range, 2)
        flips = [(np.random.random() < 0.5) * wanted for wanted in (self.horizontal_flip, self.vertical_flip)]
        shift = uniform(-self.channel_shift_range, self.channel_shift_range) if self.channel_shift_range else None
        brightness = None if self.brightness_range is None else uniform(*self.brightness_range)
        return {
            "theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy, "flip_horizontal": flips[0],
            "flip_vertical": flips[1], "channel_shift_intensity": shift, "brightness": brightness,
        }  # fmt: skip

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """A picture changed as `get_random_transform` says."""
        given: Any = transform_parameters.get
        rows, columns, channels = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        x = apply_affine_transform(
            x, given("theta", 0), given("tx", 0), given("ty", 0), given("shear", 0), given("zx", 1), given("zy", 1),
            row_axis=rows, col_axis=columns, channel_axis=channels, fill_mode=self.fill_mode, cval=self.cval,
            order=self.interpolation_order,
        )  # fmt: skip
        if given("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given("channel_shift_intensity"), channels)
        if given("flip_horizontal", False):
            x = flip_axis(x, columns)
        if given("flip_vertical", False):
            x = flip_axis(x, rows)
        if given("brightness") is not None:
            x = apply_brightness_shift(x, given("brightness"), False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """A picture changed by chance."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Take the statistics that `featurewise_...` and `zca_whitening` need from pictures. Raises ValueError for other ranks."""
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(picture) for _ in range(rounds) for picture in x]).astype(self.dtype)
        axes, shape = (0, self.row_axis, self.col_axis), [1, 1, 1]
        shape[self.channel_axis - 1] = x.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes).reshape(shape)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes).reshape(shape)
            x /= self.std + 1e-6
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))) @ u.T


def _implied(given: bool, needed: bool, what: str) -> bool:
    if needed and not given:
        warnings.warn(f"The ImageDataGenerator's other settings need `{what}`: it is switched on.", stacklevel=3)
    return given or needed


def _shift(limits: Any, size: int) -> Any:
    """How many pixels to move by: one of a list, up to so many, or up to a share of the size."""
    if not np.any(limits):
        return 0
    try:
        chosen = np.random.choice(limits) * np.random.choice([-1, 1])
    except ValueError:  # a floating number
        chosen = np.random.uniform(-limits, limits)
    return chosen * size if np.max(limits) < 1 else chosen
