"""Records `data/applications.json`, and checks outputs: run with a Python that has Keras 3.15.

`record_applications.py` writes the parameters and layer names of every model. `record_applications.py folder` also writes, for
one model of each family, random weights and the outputs they give; `check_applications.py folder` compares them here.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np

PATH = Path(__file__).parent / "data" / "applications.json"
NAMES = [
    "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2", "InceptionV3",
    "Xception", "MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "DenseNet121", "DenseNet169",
    "DenseNet201", "EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4",
    "EfficientNetB5", "EfficientNetB6", "EfficientNetB7", "EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2",
    "EfficientNetV2B3", "EfficientNetV2S", "EfficientNetV2M", "EfficientNetV2L", "NASNetMobile", "NASNetLarge",
    "ConvNeXtTiny", "ConvNeXtSmall",
]  # fmt: skip
COMPARED = {
    "VGG16": 48, "ResNet50": 64, "ResNet50V2": 64, "InceptionV3": 80, "Xception": 80, "MobileNet": 64, "MobileNetV2": 64,
    "MobileNetV3Small": 64, "MobileNetV3Large": 64, "DenseNet121": 64, "EfficientNetB0": 64, "EfficientNetV2B0": 64,
    "NASNetMobile": 64, "ConvNeXtTiny": 64,
}  # fmt: skip


OUTPUTS = PATH.with_suffix(".npz")
SMALL = ("MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetV2B0", "NASNetMobile")


def description(model):
    """What the table test compares: how many parameters, how many layers, and the shapes of all weights in order."""
    shapes = json.dumps([list(map(int, w.shape)) for w in model.weights])
    named = [layer.name for layer in model.layers]
    return [model.count_params(), len(named), hashlib.md5(shapes.encode()).hexdigest(), named[-3:]]


def randomize(model):
    random = np.random.RandomState(5)
    values = []
    for weight in model.weights:
        name = str(getattr(weight, "path", weight.name))
        if weight.shape == () or ("normalization/" in name and "variance" in name and weight.dtype != "float32"):
            values.append(np.asarray(weight))
        elif name.endswith(("variance", "gamma")):
            values.append(random.uniform(0.5, 1.5, weight.shape))
        elif len(weight.shape) > 1:
            fan = np.prod(weight.shape[:-1])
            values.append(random.normal(0, (1.0 / fan) ** 0.5, weight.shape))
        else:
            values.append(random.uniform(-0.2, 0.2, weight.shape))
    model.set_weights([np.asarray(v, "float32") for v in values])


def picture(size):
    return np.random.RandomState(6).uniform(0, 255, (1, size, size, 3)).astype("float32")


def outputs(keras, name):
    """What a model with `randomize`d weights makes of a picture."""
    size = COMPARED[name]
    model = getattr(keras.applications, name)(weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3))
    randomize(model)
    return model.predict(picture(size), verbose=0)


def main(folder):
    import keras

    table = {}
    for name in NAMES if folder is None else ():
        model = getattr(keras.applications, name)(weights=None)
        table[name] = description(model)
        print(name, table[name][:2], flush=True)
        keras.backend.clear_session()
    if folder is None:
        PATH.write_text(json.dumps(table, indent=0))
        np.savez_compressed(OUTPUTS, **{name: outputs(keras, name) for name in SMALL})
        return
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, size in COMPARED.items():
        model = getattr(keras.applications, name)(weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3))
        randomize(model)
        found[name] = model.predict(picture(size), verbose=0)
        model.save_weights(folder / f"{name}.weights.h5")
        model.save(folder / f"{name}.h5")
        print(name, float(found[name].std()), flush=True)
        keras.backend.clear_session()
    np.savez(folder / "outputs.npz", **found)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
