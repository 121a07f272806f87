"""Structural similarity of a shown picture and its source. Pure.

Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error
visibility to structural similarity", IEEE Transactions on Image Processing 13(4), 2004: Gaussian
window of 11x11 with a deviation of 1.5, K1 = 0.01, K2 = 0.03, on luma of 8 bits.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(source: Luma, shown: Luma) -> float:
    """Mean SSIM without the strip of the frame number; `shown` is made as large as `source`."""
    height, width = source.shape
    if shown.shape != source.shape:
        shown = cv2.resize(shown, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    rows = height - round(height / 12) - 8
    a, b = source[:rows].astype(np.float64), shown[:rows].astype(np.float64)

    def blurred(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float64)[5:-5, 5:-5]

    mean_a, mean_b = blurred(a), blurred(b)
    variance_a = blurred(a * a) - mean_a**2
    variance_b = blurred(b * b) - mean_b**2
    covariance = blurred(a * b) - mean_a * mean_b
    scores = ((2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)) / (
        (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    )
    return float(scores.mean())
