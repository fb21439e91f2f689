"""Special functions: error function, gamma and beta families, Bessel functions, inverse distributions."""

from goldens.spec import WIDE, V, X, calls, fails

EDGES = V([float("nan"), float("inf"), -float("inf"), 0.0, -1.0, -2.0, 0.5, -0.5, 20.0, 1e-5, 1.0, 2.0])
FINITE_EDGES = V([float("nan"), 0.0, -1.0, -2.0, 0.5, -0.5, 20.0, 1e-5, 1.0, 2.0])
ON_UNIT = V([float("nan"), 0.0, 1.0, -1.0, 0.5, 1.5, 1e-4, 0.9999], fed=True)
BESSEL_J = "special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1"
BESSEL_K = "special.bessel_k0 special.bessel_k0e special.bessel_k1 special.bessel_k1e"
BESSEL_I = "math.bessel_i0 math.bessel_i0e math.bessel_i1 math.bessel_i1e"


def special(names):
    return names.replace("special.", "math.special.")


CASES = [
    *calls("math.erf math.erfc math.lgamma math.digamma", X(3, 4, low=0.2, high=4.0), over=("f16", "f32", "f64")),
    *calls("math.erf math.erfc", X(3, 4, low=-3.0, high=3.0), over=WIDE),
    *calls("math.lgamma math.digamma", X(3, 4, low=-2.9, high=-2.1), over=WIDE),
    *calls("math.erf math.erfc math.lgamma math.digamma", EDGES, grad=False),
    # Without infinity: TensorFlow's erf gives NaN there in float64.
    *calls("math.erf math.erfc math.lgamma math.digamma", FINITE_EDGES, over="f64", grad=False),
    *calls("math.erfinv math.erfcinv math.ndtri", X(3, 4, low=0.05, high=0.95), over=WIDE),
    *calls("math.erfinv math.erfcinv math.ndtri", ON_UNIT, over=WIDE, grad=False),
    *calls("math.igamma math.igammac", X(3, 4, low=0.3, high=5.0), X(3, 4, low=0.3, high=5.0), over=WIDE),
    *calls("math.igamma math.igammac", X(3, 1, low=0.3, high=5.0), X(4, low=0.3, high=5.0), over=WIDE),
    *calls("math.igamma math.igammac", V([0.0, 1.0, -1.0, 2.0, 3.0]), V([1.0, 0.0, 1.0, -1.0, float("inf")]),
           over=WIDE, grad=False),
    *calls("math.betainc", X(3, 4, low=0.5, high=4.0), X(3, 4, low=0.5, high=4.0), X(3, 4, low=0.05, high=0.95),
           over=WIDE),
    *calls("math.betainc", V([1.0, 2.0, 1.0]), V([1.0, 2.0, 3.0]), V([0.0, 1.0, 0.5]), over=WIDE, grad=False),
    *calls("math.polygamma", V([0.0, 1.0, 2.0, 3.0]), X(4, low=0.5, high=4.0), over=WIDE),
    *calls("math.zeta", X(3, 4, low=1.5, high=4.0), X(3, 4, low=0.5, high=4.0), over=WIDE),
    *calls("math.zeta", V([1.0, 2.0, 3.0]), V([2.0, 1.0, 1.0]), over=WIDE, grad=False),
    *calls("math.erf math.erfc", X(3, 4), over="bf16"),
    *calls("math.lbeta", X(3, 4, low=0.5, high=4.0), over=("f16", "f32", "f64")),
    *calls("math.lbeta", X(4, low=0.5, high=4.0)),
    # The gradients are differences of Bessel functions that nearly cancel.
    *calls(BESSEL_I, X(3, 4, low=-5.0, high=5.0), over=("f16", "f32", "f64"), within=20),
    *calls(BESSEL_I, V([0.0, 10.0, -10.0, float("nan")]), over=WIDE, grad=False),
    *calls(special("special.bessel_i0 special.bessel_i0e special.bessel_i1 special.bessel_i1e"), X(3, 4), over=WIDE),
    *calls(special(BESSEL_J), X(3, 4, low=0.3, high=9.0), over=WIDE),
    *calls(special(BESSEL_K), X(3, 4, low=0.3, high=5.0), over=WIDE),
    *calls(special("special.dawsn special.expint special.fresnel_cos special.fresnel_sin special.spence"),
           X(3, 4, low=0.2, high=4.0), over=WIDE),
    *calls(special("special.dawsn special.fresnel_cos special.fresnel_sin"), V([0.0, -1.5, 1.5, 6.0]), over=WIDE,
           grad=False),
    *calls("math.erf math.lgamma math.digamma math.bessel_i0", X(0, 2)),
    *calls("math.erf math.lgamma math.digamma math.bessel_i0", X(low=0.5, high=1.5)),
    *fails("math.erf math.lgamma math.digamma", X(3, dtype="i32")),
    *fails("math.igamma math.zeta", X(3), X(2)),
]
