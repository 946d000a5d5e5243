"""What QGIS from 3.32 on sends when a layer is edited, against BASE COLLECTION TOKEN: prints one JSON line.

The distribution's QGIS may be older than that. Bodies are made by its own `QgsJsonExporter` and `QgsGeometry.asJson`,
as the create, put and patch requests of its OAPIF provider make them; headers and the order of requests are those of
`qgsoapifprovider.cpp`. What was written is then read through QGIS's own provider.
"""

import json
import os
import sys
import tempfile
from urllib.error import HTTPError
from urllib.request import Request, urlopen

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="qgis-")
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = os.environ["XDG_RUNTIME_DIR"]
from qgis.core import Qgis, QgsApplication, QgsDataSourceUri, QgsFeature, QgsGeometry, QgsJsonExporter, QgsVectorLayer

base, collection, token = sys.argv[1:]
items = f"{base}/collections/{collection}/items"
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
said = {"version": Qgis.QGIS_VERSION, "answers": []}


def opened():
    uri = QgsDataSourceUri()
    for key, value in {"url": base + "/", "typename": collection, "pagingEnabled": "true", "pageSize": "100"}.items():
        uri.setParam(key, value)
    return QgsVectorLayer(uri.uri(False), collection, "OAPIF")


def send(method, address, body=None, media=None, crs=None):
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "Mozilla/5.0 QGIS/33200"}
    headers |= {"Content-Type": media} if media else {}
    headers |= {"Content-Crs": crs} if crs else {}
    try:
        answer = urlopen(Request(address, None if body is None else body.encode(), headers, method=method))
    except HTTPError as error:
        sys.exit(f"{method} {body}: {error.code} {error.read().decode()}")
    said["answers"].append([method, answer.status])
    return answer.headers


def whole(feature, id=None):
    """A body of POST (without id) or PUT, as the provider makes it."""
    swapped = QgsFeature(feature)
    shape = QgsGeometry(feature.geometry())
    shape.get().swapXy()  # EPSG:4490 has its axes inverted
    swapped.setGeometry(shape)
    made = json.loads(QgsJsonExporter().exportFeature(swapped, {}, id))
    made.pop("bbox", None)
    made["properties"].pop("id", None)  # a field that QGIS makes of the member
    if id is None:
        made.pop("id", None)
    return json.dumps(made)


layer = opened()
stored = "http://www.opengis.net/def/crs/EPSG/0/4490"
# QgsOapifProvider::computeCapabilities
with urlopen(f"{items}?limit=10&f=json") as answer:
    first = json.load(answer)["features"][0]["id"]
said["allow"] = [send("OPTIONS", items)["Allow"], send("OPTIONS", f"{items}/{first}")["Allow"]]
# addFeatures: all fields, those without value as null
fields = layer.fields()
new = QgsFeature(fields)
for name, value in {"identifier": "QGIS-1", "division_code": "130900", "land_use_code": "R2", "area": 12.5}.items():
    new.setAttribute(name, value)
new.setGeometry(QgsGeometry.fromWkt("Polygon ((116.5 38.5, 116.51 38.5, 116.51 38.51, 116.5 38.51, 116.5 38.5))"))
location = send("POST", items, whole(new), "application/geo+json", stored)["Location"]
said["created"] = location[location.rindex("/items/") + len("/items/") :]
place = f"{items}/{said['created']}"
send("GET", place)
# changeGeometryValues and changeAttributeValues, with PATCH
moved = QgsGeometry.fromWkt("Polygon ((116.6 38.6, 116.61 38.6, 116.61 38.61, 116.6 38.61, 116.6 38.6))")
moved.get().swapXy()
patch = "application/merge-patch+json"
send("PATCH", place, json.dumps({"geometry": json.loads(moved.asJson(17))}), patch, stored)
send("PATCH", place, json.dumps({"properties": {"area": 99.5, "land_use_code": "A1"}}), patch)
after = opened()
read = next(one for one in after.getFeatures() if one["identifier"] == "QGIS-1")
box = read.geometry().boundingBox()
said["read"] = {
    "area": read["area"],
    "land_use_code": read["land_use_code"],
    "west": box.xMinimum(),
    "south": box.yMinimum(),
}
# the same without PATCH
read.setAttribute("area", 7.0)
send("PUT", place, whole(read, "QGIS-1"), "application/geo+json", stored)
said["put"] = next(one for one in opened().getFeatures() if one["identifier"] == "QGIS-1")["area"]
before = opened().featureCount()
send("DELETE", place)
said["deleted"] = before - opened().featureCount()
print(json.dumps(said), flush=True)
os._exit(0)  # QGIS's own shutdown crashes without a display
