"""`tf.math`: arithmetic, comparison, reductions and special functions."""

from thalweg.engine.ops.activations import (
    l2_normalize as l2_normalize,
    log_sigmoid as log_sigmoid,
    log_softmax as log_softmax,
    sigmoid as sigmoid,
    softmax as softmax,
    softplus as softplus,
    softsign as softsign,
)
from thalweg.engine.ops.comparison import (
    equal as equal,
    greater as greater,
    greater_equal as greater_equal,
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
    is_non_decreasing as is_non_decreasing,
    is_strictly_increasing as is_strictly_increasing,
    less as less,
    less_equal as less_equal,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    logical_xor as logical_xor,
    not_equal as not_equal,
)
from thalweg.engine.ops.complex_numbers import angle as angle, conj as conj, imag as imag, real as real
from thalweg.engine.ops.counting import (
    bincount as bincount,
    confusion_matrix as confusion_matrix,
    count_nonzero as count_nonzero,
    zero_fraction as zero_fraction,
)
from thalweg.engine.ops.cumulative import (
    cumprod as cumprod,
    cumsum as cumsum,
    cumulative_logsumexp as cumulative_logsumexp,
)
from thalweg.engine.ops.division import (
    divide as divide,
    divide_no_nan as divide_no_nan,
    floordiv as floordiv,
    floormod as floormod,
    reciprocal_no_nan as reciprocal_no_nan,
    truediv as truediv,
)
from thalweg.engine.ops.elementwise import (
    abs as abs,
    accumulate_n as accumulate_n,
    add as add,
    add_n as add_n,
    maximum as maximum,
    minimum as minimum,
    multiply as multiply,
    multiply_no_nan as multiply_no_nan,
    negative as negative,
    polyval as polyval,
    scalar_mul as scalar_mul,
    sign as sign,
    square as square,
    squared_difference as squared_difference,
    subtract as subtract,
)
from thalweg.engine.ops.exponential import (
    exp as exp,
    expm1 as expm1,
    log as log,
    log1p as log1p,
    pow as pow,
    reciprocal as reciprocal,
    rsqrt as rsqrt,
    sqrt as sqrt,
    xdivy as xdivy,
    xlog1py as xlog1py,
    xlogy as xlogy,
)
from thalweg.engine.ops.extremes import (
    argmax as argmax,
    argmin as argmin,
)
from thalweg.engine.ops.reduce import (
    reduce_all as reduce_all,
    reduce_any as reduce_any,
    reduce_euclidean_norm as reduce_euclidean_norm,
    reduce_logsumexp as reduce_logsumexp,
    reduce_max as reduce_max,
    reduce_mean as reduce_mean,
    reduce_min as reduce_min,
    reduce_prod as reduce_prod,
    reduce_std as reduce_std,
    reduce_sum as reduce_sum,
    reduce_variance as reduce_variance,
)
from thalweg.engine.ops.rounding import (
    ceil as ceil,
    floor as floor,
    nextafter as nextafter,
    rint as rint,
    round as round,
)
from thalweg.engine.ops.segment import (
    segment_max as segment_max,
    segment_mean as segment_mean,
    segment_min as segment_min,
    segment_prod as segment_prod,
    segment_sum as segment_sum,
    unsorted_segment_max as unsorted_segment_max,
    unsorted_segment_mean as unsorted_segment_mean,
    unsorted_segment_min as unsorted_segment_min,
    unsorted_segment_prod as unsorted_segment_prod,
    unsorted_segment_sqrt_n as unsorted_segment_sqrt_n,
    unsorted_segment_sum as unsorted_segment_sum,
)
from thalweg.engine.ops.sets import invert_permutation as invert_permutation
from thalweg.engine.ops.sorting import (
    approx_max_k as approx_max_k,
    approx_min_k as approx_min_k,
    in_top_k as in_top_k,
    top_k as top_k,
)
from thalweg.engine.ops.special import (
    bessel_i0 as bessel_i0,
    bessel_i0e as bessel_i0e,
    bessel_i1 as bessel_i1,
    bessel_i1e as bessel_i1e,
    betainc as betainc,
    digamma as digamma,
    erf as erf,
    erfc as erfc,
    erfcinv as erfcinv,
    erfinv as erfinv,
    igamma as igamma,
    igammac as igammac,
    lbeta as lbeta,
    lgamma as lgamma,
    ndtri as ndtri,
    polygamma as polygamma,
    zeta as zeta,
)
from thalweg.engine.ops.trigonometry import (
    acos as acos,
    acosh as acosh,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    cos as cos,
    cosh as cosh,
    sin as sin,
    sinh as sinh,
    tan as tan,
    tanh as tanh,
)
from thalweg.math import (
    special as special,
)

mod = floormod
