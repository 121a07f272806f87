"""SSIM by rate, drawn."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.codec_curves import draw

SVG = "{http://www.w3.org/2000/svg}"


def test_each_codec_has_its_curve_and_what_is_asked_is_in_sight() -> None:
    curves = {
        "AV1": [(57.0, 0.915), (240.0, 0.938)],
        "VP8": [(60.0, 0.87), (251.0, 0.92)],
        "H.264": [(59.0, 0.86), (250.0, 0.91)],
    }
    root = ElementTree.fromstring(draw(curves))
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    drawn = [
        [float(number) for pair in d[1:].replace("h0", "").split("L") for number in pair.split()]
        for path in root.iter(f"{SVG}path")
        if (path.get("class") or "").startswith("curve") and "L" in (d := path.get("d") or "")
    ]
    assert [len(one) for one in drawn] == [4, 4, 4]
    for one in drawn:
        assert all(0 < x < width for x in one[::2])
        assert all(0 < y < height for y in one[1::2])
        assert one[0] < one[2]
        assert one[1] > one[3]  # the better is higher
    texts = [each.text for each in root.iter(f"{SVG}text")]
    for text in ("AV1", "VP8", "H.264", "0.94 asked of adsl256", "0.92 asked of readsl128"):
        assert text in texts
