"""A headless QGIS session against BASE COLLECTION: prints one JSON line. Runs in the distribution's own Python."""

import json
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="qgis-")
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = os.environ["XDG_RUNTIME_DIR"]
from qgis.core import Qgis, QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

base, collection, *filters = sys.argv[1:]
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
uri = QgsDataSourceUri()
for key, value in {"url": base + "/", "typename": collection, "pagingEnabled": "true", "pageSize": "10"}.items():
    uri.setParam(key, value)


def opened():
    """A layer of its own, without what another one has kept."""
    return QgsVectorLayer(uri.uri(False), collection, "OAPIF")


layer = opened()
said = {"valid": layer.isValid(), "version": Qgis.QGIS_VERSION_INT}
if layer.isValid():
    box = layer.extent()
    inside = QgsRectangle(box.center().x(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    some = list(layer.getFeatures(QgsFeatureRequest(inside)))
    said |= {
        "fields": [field.name() for field in layer.fields()],
        "read": len({feature.id() for feature in layer.getFeatures()}),
        "count": layer.featureCount(),
        "crs": layer.crs().authid(),
        "extent": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "in_box": len(some),
        "all_in_box": all(feature.geometry().intersects(inside) for feature in some),
    }
    said["filtered"], said["subset"] = [], []
    for filter in filters:
        asked = opened().getFeatures(QgsFeatureRequest().setFilterExpression(filter))
        said["filtered"].append(len({feature.id() for feature in asked}))
        part = opened()
        taken = part.setSubsetString(filter)
        said["subset"].append(len({feature.id() for feature in part.getFeatures()}) if taken else None)
print(json.dumps(said), flush=True)
os._exit(0)  # QGIS's own shutdown crashes without a display
