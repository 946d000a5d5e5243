"""pygeoapi's rasterio provider with what it leaves open: bands by their names, values that are missing, cell centres.

pygeoapi 0.24 names every band of a GeoTIFF `null`, gives all bands one range, and puts a grid's axes on its outer edge.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from server.provider import said
from server.rasters import window
from server.shell import ProviderNoDataError, RasterioProvider, told
from store.criteria import CRS84
from store.crs import resolve, to_box


class RasterProvider(RasterioProvider):  # type: ignore[misc]  # pygeoapi has no types
    """`bands` of the definition: a list with name, title (zh, en) and unit for each band of the file, in order.

    `notice` (zh, en) is a member of every CoverageJSON, `image_description` a tag of every GeoTIFF.
    """

    def __init__(self, provider_def: dict[str, Any]) -> None:
        self._bands: Sequence[Mapping[str, Any]] = provider_def.get("bands") or ()
        self._notice: Mapping[str, str] = provider_def.get("notice") or {}
        self._description = str(provider_def.get("image_description", ""))
        super().__init__(provider_def)

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """Number of the band to its title, type and unit."""
        if not self._fields:
            for place, kind in enumerate(self._data.dtypes):
                band = self._band(place)
                number = "number" if kind.startswith("float") else "integer"
                self._fields[str(place + 1)] = {"title": band["title"]["zh"], "type": number}
                if band.get("unit"):
                    self._fields[str(place + 1)]["x-ogc-unit"] = band["unit"]
        return self._fields  # type: ignore[no-any-return]

    def query(
        self,
        properties: Sequence[str] = (),
        subsets: Mapping[str, Sequence[float]] | None = None,
        bbox: Sequence[float] = (),
        bbox_crs: str = CRS84,
        **kwargs: Any,
    ) -> Any:
        """CoverageJSON as a dict, or the bytes of a GeoTIFF: the whole cells that lie in the box or the subset.

        `properties` are numbers of bands; `bbox` has the axes of `bbox_crs`, `subsets` those of the file. pygeoapi
        writes as many bands as the file has, unless its options say otherwise.
        """
        self.options = {"count": len(properties)} if properties else None
        given = dict(subsets or {})
        if bbox or given:
            with told():
                box = to_box(bbox, resolve(bbox_crs)) if bbox else None
                found = window(Path(self.data), box, {axis: (ends[0], ends[-1]) for axis, ends in given.items()})
            if found is None or (bbox and box is None):
                raise ProviderNoDataError
            x, y = found.axes
            given = {x: [found.left, found.right], y: [found.bottom, found.top]}
        made = super().query(properties=list(properties), subsets=given, **kwargs)
        if isinstance(made, bytes):
            return _described(made, self._description)
        return made | said(self._notice, kwargs.get("language"))

    def gen_covjson(self, metadata: Mapping[str, Any], data: Any) -> dict[str, Any]:
        """CoverageJSON 1.0: axes at cell centres, a parameter and a range per band, null where there is no value."""
        transform = metadata["transform"]
        numbers = metadata["bands"] or range(1, self.num_bands + 1)
        height, width = data.shape[1:]
        x, y = transform @ (0.5, 0.5)
        last_x, last_y = transform @ (width - 0.5, height - 0.5)
        code = self._data.crs.to_epsg()
        system = {
            "type": "ProjectedCRS" if self._data.crs.is_projected else "GeographicCRS",
            "id": f"http://www.opengis.net/def/crs/EPSG/0/{code}",
        }
        parameters, ranges = {}, {}
        for values, number in zip(data, numbers, strict=True):
            band = self._band(number - 1)
            parameters[band["name"]] = {
                "type": "Parameter",
                "observedProperty": {"label": dict(band["title"])},
                **({"unit": {"symbol": band["unit"]}} if band.get("unit") else {}),
            }
            ranges[band["name"]] = {
                "type": "NdArray",
                "dataType": "integer" if np.issubdtype(values.dtype, np.integer) else "float",
                "axisNames": ["y", "x"],
                "shape": [height, width],
                "values": _plain(values, self._data.nodatavals[number - 1]),
            }
        return {
            "type": "Coverage",
            "domain": {
                "type": "Domain",
                "domainType": "Grid",
                "axes": {
                    "x": {"start": x, "stop": last_x, "num": width},
                    "y": {"start": y, "stop": last_y, "num": height},
                },
                "referencing": [{"coordinates": ["x", "y"], "system": system}],
            },
            "parameters": parameters,
            "ranges": ranges,
        }

    def _band(self, place: int) -> dict[str, Any]:
        """Name, title and unit of a band, from the definition, else from the file, else by its number."""
        given = self._bands[place] if place < len(self._bands) else {}
        name = str(given.get("name") or self._data.descriptions[place] or f"band_{place + 1}")
        return {"name": name, "title": given.get("title") or {"zh": name, "en": name}, "unit": given.get("unit")}


def _described(image: bytes, text: str) -> bytes:
    """A GeoTIFF that says what it shows: a file is passed on without the page that it came from."""
    import rasterio

    if not text:
        return image
    with TemporaryDirectory(prefix="duogui-") as folder:  # GDAL cannot enlarge a file that lies in Python's memory
        file = Path(folder) / "image.tif"
        file.write_bytes(image)
        with rasterio.open(file, "r+") as opened:
            opened.update_tags(TIFFTAG_IMAGEDESCRIPTION=text)
        return file.read_bytes()


def _plain(values: Any, missing: float | None) -> list[Any]:
    """The values of one band, row by row from the north, None where the file has none."""
    empty = np.ma.getmaskarray(values).ravel()
    flat = np.ma.getdata(values).ravel()
    if missing is not None:
        empty = empty | (np.isnan(flat) if np.isnan(missing) else flat == missing)
    if np.issubdtype(flat.dtype, np.floating):
        empty = empty | ~np.isfinite(flat)
    plain: list[Any] = flat.tolist()
    for place in np.flatnonzero(empty).tolist():
        plain[place] = None
    return plain
