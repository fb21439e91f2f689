"""tf.signal beyond the Fourier transforms, and tf.sets."""

from goldens.spec import S, V, X, calls, fails

WAVE, TWO = X(20), X(2, 17)
SPARSE = S([[0, 0], [0, 1], [1, 0]], [1, 2, 2], [2, 2], "i32")
LEFT, RIGHT = V([[1, 2, 3], [4, 4, 5]]), V([[3, 9], [4, 6]])
ROUGH = 64.0  # sums of sixteen products through complex numbers

CASES = [
    *calls("signal.frame", WAVE, 5, 3, over=("f32", "i32")),
    *calls("signal.frame", TWO, 5, 3, pad_end=True, pad_value=7),
    *calls("signal.frame", X(9, 2), 4, 4, axis=0),
    *calls("signal.frame", X(3), 5, 2),
    *calls("signal.overlap_and_add", X(2, 4, 5), 2, within=4.0),
    *calls("signal.overlap_and_add", X(4, 5, dtype="i32"), 5),
    *fails("signal.overlap_and_add", X(4), 2),
    *calls("signal.hann_window signal.hamming_window", 8, within=4.0),
    *calls("signal.hann_window signal.hamming_window", 7, within=4.0),
    *calls("signal.hann_window signal.hamming_window", 8, periodic=False, within=4.0),
    *calls("signal.hann_window signal.hamming_window", 1),
    *calls("signal.kaiser_window", 9, 5.0, within=8.0),
    *calls("signal.kaiser_bessel_derived_window", 8, 4.0, within=8.0),
    *calls("signal.vorbis_window", 8, within=4.0),
    *calls("signal.stft", WAVE, 8, 4, within=ROUGH),
    *calls("signal.stft", TWO, 6, 3, 16, pad_end=True, within=ROUGH),
    *calls("signal.stft", WAVE, 8, 4, window_fn=None, within=ROUGH),
    *calls("signal.inverse_stft", X(2, 3, 5, dtype="c64"), 8, 4, within=ROUGH, grad=False),
    *calls("signal.inverse_stft", X(3, 9, dtype="c64"), 8, 4, fft_length=16, within=ROUGH, grad=False),
    *(case for kind in (1, 2, 3, 4) for case in calls("signal.dct signal.idct", X(2, 6), type=kind, within=ROUGH)),
    *(case for kind in (2, 3, 4) for case in calls("signal.dct signal.idct", X(2, 6), type=kind, norm="ortho", within=ROUGH)),
    *calls("signal.dct", X(6), n=4, within=ROUGH),
    *calls("signal.dct", X(6), n=9, within=ROUGH),
    *fails("signal.dct", X(6), type=5),
    *calls("signal.mdct", X(2, 24), 8, within=ROUGH),
    *calls("signal.mdct", X(24), 8, norm="ortho", pad_end=True, within=ROUGH),
    *calls("signal.inverse_mdct", X(2, 5, 4), within=ROUGH),
    *calls("signal.inverse_mdct", X(5, 4), norm="ortho", within=ROUGH),
    *calls("signal.linear_to_mel_weight_matrix", within=256.0),  # differences of nearby logarithms, in float32 there
    *calls("signal.linear_to_mel_weight_matrix", 5, 9, 16000, 80.0, 7600.0, within=256.0),
    *fails("signal.linear_to_mel_weight_matrix", 5, 9, 8000, 80.0, 7600.0),
    *calls("signal.mfccs_from_log_mel_spectrograms", X(2, 7), within=ROUGH),
    # -- sets
    *calls("sets.intersection sets.union sets.difference", LEFT, RIGHT, over=("i32", "i64", "u8")),
    *calls("sets.difference", LEFT, RIGHT, aminusb=False, over="i32"),
    *calls("sets.intersection sets.union sets.difference", SPARSE, SPARSE),
    *calls("sets.union", V([["a", "b"]], "str"), V([["b", "c"]], "str")),
    *calls("sets.size", SPARSE),
    *fails("sets.size", V([[1]], "i32")),
    *fails("sets.union", V([[1.0]]), V([[1.0]])),
    *fails("sets.union", V([[1], [2]], "i32"), V([[1]], "i32"), also="ValueError InvalidArgumentError"),
]  # fmt: skip
