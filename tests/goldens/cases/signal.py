"""Fourier transforms and shifts of their results."""

from goldens.spec import COMPLEX, WIDE, X, calls, fails

CASES = [
    *calls("signal.fft signal.ifft", X(3, 8), over=COMPLEX),
    *calls("signal.fft signal.ifft", X(5), over=COMPLEX),
    *calls("signal.fft2d signal.ifft2d", X(2, 4, 6), over=COMPLEX),
    *calls("signal.fft3d signal.ifft3d", X(2, 3, 4, 5), over=COMPLEX),
    *calls("signal.rfft", X(3, 8), over=WIDE),
    *calls("signal.rfft", X(3, 7), over=WIDE),
    *calls("signal.rfft", X(3, 8), fft_length=[5]),
    *calls("signal.rfft", X(3, 8), fft_length=[12], over="f64"),
    *calls("signal.irfft", X(3, 5), over=COMPLEX),
    *calls("signal.irfft", X(3, 5), fft_length=[7], over=COMPLEX),
    *calls("signal.rfft2d", X(2, 4, 6), over=WIDE),
    *calls("signal.irfft2d", X(2, 4, 4), over=COMPLEX),
    *calls("signal.rfft2d", X(4, 6), fft_length=[3, 8]),
    *calls("signal.rfft3d", X(2, 4, 6), over=WIDE),
    *calls("signal.irfft3d", X(2, 4, 4), over=COMPLEX),
    *calls("signal.fftshift signal.ifftshift", X(5), over=("f32", "i32", "c64")),
    *calls("signal.fftshift signal.ifftshift", X(3, 4), axes=1),
    *calls("signal.fftshift signal.ifftshift", X(3, 4), axes=[0, -1]),
    *calls("signal.fft signal.ifft", X(3, 0), over="c64"),
    *fails("signal.fft", X(3)),
    *fails("signal.rfft", X(3, dtype="c64")),
    *fails("signal.fft2d", X(3, dtype="c64")),
]
