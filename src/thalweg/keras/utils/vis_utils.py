"""Pictures of models, under the name that Keras 2 has for the module."""

from thalweg.keras.utils.plotting import model_to_dot as model_to_dot, plot_model as plot_model
