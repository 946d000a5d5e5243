"""What is fit for overlay, what is repaired, what is left out."""

import numpy as np
import shapely

from processes.overlay.polygons import polygonal, prepare


def test_everything_unfit_is_named() -> None:
    bowtie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])
    shapes = [
        shapely.box(0, 0, 1, 1),
        bowtie,
        spike,
        None,
        shapely.Point(0, 0),
        shapely.Polygon(),
        shapely.MultiPolygon([shapely.box(3, 3, 4, 4), shapely.box(3.5, 3, 5, 4)]),
    ]
    ids = ["g", "f", "e", "d", "c", "b", "a"]
    polygons, defects = prepare(ids, [1] * 7, np.array(shapes, dtype=object))
    assert list(polygons.ids) == ["a", "f", "g"]
    assert shapely.is_valid(polygons.geometry).all()
    assert shapely.area(polygons.geometry).tolist() == [2.0, 2.0, 1.0]
    assert {one.id: one.remedy for one in defects} == {
        "a": "repaired",
        "b": "left-out",
        "c": "left-out",
        "d": "left-out",
        "e": "left-out",
        "f": "repaired",
    }
    reasons = {one.id: one.reason for one in defects}
    assert "Self-intersection" in reasons["f"]
    assert reasons["c"] == "not a polygon"
    assert all(reasons.values())


def test_polygonal_takes_polygons_out_of_collections() -> None:
    inner = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(5, 5, 6, 6), shapely.box(7, 7, 8, 8)])])
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(9, 9), inner])
    found = polygonal(np.array([mixed, shapely.LineString([(0, 0), (1, 1)])], dtype=object))
    assert found[0].geom_type == "MultiPolygon" and found[0].area == 3
    assert found[1].is_empty
