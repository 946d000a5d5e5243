"""QGIS from 3.32 on edits a layer and saves it, against BASE COLLECTION TOKEN: prints one JSON line.

The token is kept as users keep it: as a header in QGIS's own store of authentication.
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="qgis-")
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = os.environ["XDG_RUNTIME_DIR"]
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsDataSourceUri,
    QgsFeature,
    QgsGeometry,
    QgsVectorLayer,
)

base, collection, token = sys.argv[1:]
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
if Qgis.QGIS_VERSION_INT < 33200:
    print(json.dumps({"version": Qgis.QGIS_VERSION_INT}), flush=True)
    os._exit(0)
keys = QgsApplication.authManager()
keys.setMasterPassword("only here", True)
header = QgsAuthMethodConfig("APIHeader")
header.setName("writer")
header.setConfig("Authorization", f"Bearer {token}")
keys.storeAuthenticationConfig(header)
uri = QgsDataSourceUri()
for key, value in {"url": base + "/", "typename": collection, "pagingEnabled": "true", "pageSize": "100"}.items():
    uri.setParam(key, value)
uri.setAuthConfigId(header.id())


def opened():
    """A layer of its own, without what another one has kept."""
    return QgsVectorLayer(uri.uri(False), collection, "OAPIF")


layer = opened()
features = list(layer.getFeatures())
changed, moved, removed, model = features[:4]
layer.startEditing()
layer.changeAttributeValue(changed.id(), layer.fields().indexOf("area"), 99.5)
shape = QgsGeometry(moved.geometry())
shape.translate(0.001, 0)
layer.changeGeometry(moved.id(), shape)
layer.deleteFeature(removed.id())
new = QgsFeature(layer.fields())
new.setAttributes(model.attributes())
new.setAttribute("identifier", "QGIS-2")
new.setGeometry(QgsGeometry(model.geometry()))
layer.addFeature(new)
said = {"version": Qgis.QGIS_VERSION_INT, "saved": layer.commitChanges(), "told": layer.commitErrors()}
again = {feature["identifier"]: feature for feature in opened().getFeatures()}
said |= {
    "area": again[changed["identifier"]]["area"],
    "shift": again[moved["identifier"]].geometry().boundingBox().xMinimum() - moved.geometry().boundingBox().xMinimum(),
    "removed": removed["identifier"] not in again,
    "added": "QGIS-2" in again,
    "count": [len(features), len(again)],
}
print(json.dumps(said), flush=True)
os._exit(0)  # QGIS's own shutdown crashes without a display
