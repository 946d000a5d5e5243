"""The image's steps without Docker: the runtime lock alone, then the commands of docker-compose.yml on PostGIS.

Proves that the server needs nothing of the test environment, and that migrate, serve and /readyz work as composed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests import postgis  # noqa: E402
from tests.benchmarks.peers import free_port, running, uv  # noqa: E402


def install(folder: Path) -> Path:
    """An environment of the runtime lock, with the checkout on its path."""
    env = dict(os.environ, VIRTUAL_ENV=str(folder))
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, env=env)
    lock = str(ROOT / "requirements.lock")
    subprocess.run([uv(), "pip", "sync", "--quiet", "--require-hashes", lock], check=True, env=env)
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "duogui.pth").write_text(f"{ROOT}\n")
    return folder / "bin" / "python"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="duogui-image-") as name, postgis.cluster() as server:
        folder = Path(name)
        python = install(folder / "env")
        with postgis.database(server) as url:
            port = free_port()
            configuration = folder / "compose.yaml"
            text = (ROOT / "config/nodes/compose.yaml").read_text(encoding="utf8")
            text = text.replace("/srv/duogui/data", str(folder / "data")).replace(
                "../../collections", f"{ROOT}/collections"
            )
            configuration.write_text(text, encoding="utf8")
            base = f"http://127.0.0.1:{port}"
            env = {"PATH": os.environ["PATH"], "DUOGUI_STORE_URL": url, "DUOGUI_PUBLIC_URL": base}
            command = [str(python), "-P", "-m", "server.cli.main"]
            subprocess.run([*command, "migrate", "--config", str(configuration)], check=True, env=env, cwd=folder)
            serve = [*command, "serve", "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port)]
            with running(serve, port, "/readyz", env, folder / "server.log"):
                with urlopen(f"{base}/collections?f=json") as answer:
                    assert answer.status == 200
                with urlopen(f"{base}/?f=html") as answer:
                    assert answer.status == 200
    print("the runtime lock serves")
    return 0


if __name__ == "__main__":
    sys.exit(main())
