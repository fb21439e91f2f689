"""tf.image. JPEG is compared by programs that read files: writing it is the codec's own choice."""

from goldens.spec import FLOATS, T, V, X, calls, fails

SMALL = X(2, 5, 7, 3, low=0.0, high=1.0)
ONE = X(5, 7, 3, low=0.0, high=1.0)
BYTES = X(5, 7, 3, dtype="u8", low=0, high=255)
BOXES = X(12, 4, low=0.0, high=1.0)
SCORES = X(12, kind="distinct")
CORNERS = V([[0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.1, 0.3], [-0.5, 0.0, 1.0, 1.5]])
ONE_BOX, WIDE_BOX = V([[0.1, 0.2, 0.8, 0.9]]), V([[-0.1, 0.2, 1.8, 0.9]])
DRAWN, WHOLE = V([[[0.1, 0.2, 0.8, 0.9]], [[-0.2, 0.3, 0.5, 1.3]]]), V([[[0.1, 0.2, 0.8, 0.9]], [[0.0, 0.0, 1.0, 1.0]]])
BATCH, OF_CLASSES = X(2, 6, 1, 4, low=0.0, high=1.0), X(2, 6, 3, 4, low=0.0, high=1.0)
THREE = X(2, 6, 3, kind="distinct")
SIZE, OBJECT = V([70, 90, 3], "i32"), V([[[0.1, 0.2, 0.7, 0.9]]])
METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")
FOUND_EARLY = "ValueError InvalidArgumentError"  # a shape that cannot be, found before an op runs or by the first that does
# Sums in other orders, of eight or more products a value; colours pass through divisions by small differences.
LOOSE = 8.0

CASES = [
    *(
        case
        for method in METHODS for size in ([3, 4], [9, 16], [5, 7], [1, 1]) for antialias in (False, True)
        for case in calls("image.resize", SMALL, size, method=method, antialias=antialias, within=LOOSE)
    ),
    *calls("image.resize", ONE, [4, 4], over=(*FLOATS, "u8", "i32"), within=LOOSE),
    *calls("image.resize", ONE, [4, 4], method="nearest", over=(*FLOATS, "u8", "i32", "i64")),
    *calls("image.resize", SMALL, [9, 9], preserve_aspect_ratio=True),
    *fails("image.resize", X(3, 4), [2, 2]),
    *fails("image.resize", SMALL, [2, 2, 2]),
    *fails("image.resize", SMALL, [2, 2], method="cube"),
    *fails("image.resize", SMALL, [0, 2]),
    *calls("image.resize_with_pad", SMALL, 9, 9),
    *calls("image.resize_with_pad", ONE, 4, 16, method="nearest"),
    *calls("image.flip_left_right image.flip_up_down image.rot90 image.transpose", SMALL),
    *calls("image.flip_left_right image.flip_up_down image.rot90 image.transpose", ONE, over=("f32", "u8")),
    *calls("image.rot90", ONE, k=2),
    *calls("image.rot90", ONE, k=-1),
    *fails("image.flip_left_right", X(3, 4)),
    *calls("image.central_crop", SMALL, 0.5),
    *calls("image.central_crop", ONE, 0.3),
    *calls("image.central_crop", ONE, 1.0),
    *fails("image.central_crop", ONE, 0.0),
    *fails("image.central_crop", ONE, 1.5),
    *calls("image.crop_to_bounding_box", SMALL, 1, 2, 3, 4),
    *calls("image.crop_to_bounding_box", ONE, 0, 0, 5, 7),
    *fails("image.crop_to_bounding_box", ONE, 1, 0, 5, 7),
    *fails("image.crop_to_bounding_box", ONE, -1, 0, 3, 3),
    *calls("image.pad_to_bounding_box", SMALL, 1, 2, 9, 10),
    *fails("image.pad_to_bounding_box", ONE, 1, 0, 5, 7),
    *calls("image.resize_with_crop_or_pad", SMALL, 3, 10),
    *calls("image.resize_with_crop_or_pad", ONE, 8, 2),
    *fails("image.resize_with_crop_or_pad", ONE, 0, 2),
    *calls("image.extract_patches", SMALL, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
    *calls("image.extract_patches", SMALL, [1, 3, 2, 1], [1, 1, 2, 1], [1, 1, 2, 1], "SAME"),
    # -- colours
    *calls("image.convert_image_dtype", BYTES, T("float16")),
    *calls("image.convert_image_dtype", BYTES, T("float32")),
    *calls("image.convert_image_dtype", BYTES, T("int16")),
    *calls("image.convert_image_dtype", BYTES, T("int32")),
    *calls("image.convert_image_dtype", X(3, dtype="i32", low=-5, high=2**30), T("uint8"), saturate=True),
    *calls("image.convert_image_dtype", ONE, T("uint8")),
    *calls("image.convert_image_dtype", X(3, 4, low=-1.0, high=2.0), T("uint8"), saturate=True),
    *calls("image.convert_image_dtype", ONE, T("float64")),
    *fails("image.convert_image_dtype", ONE, T("bool")),
    *calls("image.adjust_brightness", ONE, 0.25, over=(*FLOATS, "u8")),
    *calls("image.adjust_contrast", SMALL, 1.5, over=("f16", "f32", "u8"), grad=False, within=LOOSE),
    *fails("image.adjust_contrast", X(3), 1.5, also=FOUND_EARLY),
    *calls("image.adjust_gamma", ONE, 0.5, 1.25, over=("f16", "f32", "u8")),
    *fails("image.adjust_gamma", ONE, -1.0),
    *calls("image.adjust_hue", ONE, 0.25, over=("f32", "u8"), grad=False, within=LOOSE),
    *calls("image.adjust_hue", SMALL, -0.9, grad=False, within=LOOSE),
    *fails("image.adjust_hue", ONE, 1.5),
    *calls("image.adjust_saturation", ONE, 0.5, over=("f32", "u8"), grad=False, within=LOOSE),
    *calls("image.adjust_saturation", SMALL, 3.0, grad=False, within=LOOSE),
    *calls("image.rgb_to_hsv", ONE, over=("f32", "f64"), within=LOOSE),
    *calls("image.hsv_to_rgb", ONE, over=("f32", "f64"), grad=False),
    *fails("image.rgb_to_hsv image.hsv_to_rgb", X(3, 4), also=FOUND_EARLY),
    *calls("image.rgb_to_grayscale", ONE, over=("f32", "u8")),
    *calls("image.grayscale_to_rgb", X(4, 5, 1), over=("f32", "u8")),
    *fails("image.rgb_to_grayscale", X(4, 5, 1), also=FOUND_EARLY),
    *fails("image.grayscale_to_rgb", X(4, 5, 3)),
    *calls("image.rgb_to_yiq image.yiq_to_rgb image.rgb_to_yuv image.yuv_to_rgb", ONE, within=LOOSE),
    *calls("image.per_image_standardization", SMALL, over=("f32", "u8"), within=LOOSE),
    *calls("image.per_image_standardization", V([[[1.0], [1.0]]])),
    # -- boxes
    *calls("image.crop_and_resize", SMALL, CORNERS, V([0, 1, 0], "i32"),
           [3, 4], within=LOOSE),
    *calls("image.crop_and_resize", SMALL, ONE_BOX, V([1], "i32"), [1, 1], method="nearest", grad=False),
    *calls("image.crop_and_resize", SMALL, WIDE_BOX, V([1], "i32"), [4, 2], extrapolation_value=7.0, within=LOOSE),
    *fails("image.crop_and_resize", SMALL, ONE_BOX, V([1], "i32"), [1, 1], method="cubic", also=FOUND_EARLY),
    *calls("image.non_max_suppression", BOXES, SCORES, 5, 0.2),
    *calls("image.non_max_suppression", BOXES, SCORES, 12, 0.0, 1.0),
    *calls("image.non_max_suppression", V([], "f32"), V([], "f32"), 3, fails=True),
    *fails("image.non_max_suppression", BOXES, X(5), 3),
    *fails("image.non_max_suppression", BOXES, SCORES, 3, 1.5),
    *calls("image.non_max_suppression_with_scores", BOXES, SCORES, 6, 0.3, -9.0, 0.5, within=LOOSE),
    *calls("image.non_max_suppression_overlaps", X(5, 5, low=0.0, high=1.0), X(5, kind="distinct"), 4, 0.4),
    *calls("image.combined_non_max_suppression", BATCH, THREE, 3, 5, 0.3),
    *calls("image.combined_non_max_suppression", OF_CLASSES, THREE, 2, 9, 0.3, 0.0, True),
    *calls("image.draw_bounding_boxes", SMALL, DRAWN, None, grad=False),
    *calls("image.draw_bounding_boxes", SMALL, WHOLE, V([[0.5, 0.25, 1.0]]), grad=False),
    # -- quality
    *calls("image.psnr", SMALL, SMALL, 1.0, within=LOOSE),
    *calls("image.psnr", BYTES, BYTES, 255, within=LOOSE),
    *fails("image.psnr", SMALL, X(2, 5, 6, 3), 1.0),
    *calls("image.ssim", SMALL, SMALL, 1.0, filter_size=3, within=64.0),  # differences of nearly equal squares
    *calls("image.ssim", X(12, 13, 1, dtype="u8", high=255), X(12, 13, 1, dtype="u8", high=255), 255, within=64.0),
    *fails("image.ssim", SMALL, SMALL, 1.0),
    *calls("image.ssim_multiscale", X(1, 16, 18, 1, low=0.4, high=0.5), X(1, 16, 18, 1, low=0.4, high=0.5), 1.0, [0.5, 0.3, 0.2],
           filter_size=3, within=64.0, grad=False),
    *calls("image.total_variation image.image_gradients image.sobel_edges", SMALL, within=LOOSE),
    *calls("image.total_variation", ONE),
    *fails("image.image_gradients", ONE),
    # -- chance, by a seed alone
    *calls("image.stateless_random_flip_left_right image.stateless_random_flip_up_down", SMALL, seed=V([1, 2], "i32")),
    *calls("image.stateless_random_flip_left_right image.stateless_random_flip_up_down", ONE, seed=V([3, 2], "i32")),
    *calls("image.stateless_random_brightness", ONE, 0.3, seed=V([1, 2], "i32"), over=("f32", "u8")),
    *fails("image.stateless_random_brightness", ONE, -0.3, seed=V([1, 2], "i32")),
    *calls("image.stateless_random_contrast", ONE, 0.3, 0.7, seed=V([1, 2], "i32"), grad=False, within=LOOSE),
    *fails("image.stateless_random_contrast", ONE, 0.7, 0.3, seed=V([1, 2], "i32")),
    *calls("image.stateless_random_saturation", ONE, 0.3, 0.7, seed=V([1, 2], "i32"), grad=False, within=LOOSE),
    *calls("image.stateless_random_hue", ONE, 0.3, seed=V([1, 2], "i32"), grad=False, within=LOOSE),
    *fails("image.stateless_random_hue", ONE, 0.7, seed=V([1, 2], "i32")),
    *calls("image.stateless_random_crop", SMALL, [1, 3, 2, 3], seed=V([1, 2], "i32")),
    *calls("image.stateless_sample_distorted_bounding_box", SIZE, OBJECT, seed=V([1, 2], "i32")),
    *calls("image.stateless_sample_distorted_bounding_box", SIZE, OBJECT, seed=V([5, 2], "i32"),
           min_object_covered=0.9, aspect_ratio_range=(0.5, 2.0), area_range=(0.3, 1.0)),
]  # fmt: skip
