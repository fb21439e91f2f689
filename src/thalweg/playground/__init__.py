"""The playground: a neural network to tinker with in the browser, trained by this package's own engine.

After TensorFlow's Playground (Smilkov, Carter, Sculley, Viégas and Wattenberg, 2017), which trained in the browser itself.
"""
