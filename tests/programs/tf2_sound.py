"""Tones found in noise by short-time spectra; the signal taken apart and put together again."""

import numpy as np
import tensorflow as tf

rate = 4000
t = np.arange(rate) / rate
tone = np.sin(2 * np.pi * 440 * t) * (t < 0.5) + 0.5 * np.sin(2 * np.pi * 1000 * t) * (t >= 0.5)
noise = tf.random.stateless_normal([rate], [1, 2], stddev=0.1)
wave = tf.constant(tone, tf.float32) + noise

spectra = tf.signal.stft(wave, 256, 128)
power = tf.abs(spectra) ** 2
peaks = tf.argmax(power, 1).numpy() * rate / 256
print("frames", tuple(spectra.shape), "peaks", peaks[2].tolist(), peaks[-3].tolist())
mel = tf.signal.linear_to_mel_weight_matrix(20, 129, rate, 80.0, 1900.0)
mfcc = tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(power @ mel + 1e-6))[..., :4]
print("mfcc", *[f"{v:.3f}" for v in mfcc[5].numpy()])
window = tf.signal.inverse_stft_window_fn(128)
again = tf.signal.inverse_stft(spectra, 256, 128, window_fn=window)
print("restored", bool(tf.reduce_max(tf.abs(again[256:3000] - wave[256:3000])) < 1e-4))
kept = tf.where(power > 50.0, spectra, tf.zeros_like(spectra))
cleaned = tf.signal.inverse_stft(kept, 256, 128, window_fn=window)
before, after = (float(tf.sqrt(tf.reduce_mean((s[256:3000] - tone[256:3000].astype(np.float32)) ** 2))) for s in (wave, cleaned))
print("noise before", f"{before:.4f}", "after", f"{after:.4f}")
audio, found = tf.audio.decode_wav(tf.audio.encode_wav(tf.clip_by_value(wave[:, None] / 2, -1.0, 1.0), rate))
print("wav", tuple(audio.shape), int(found))
