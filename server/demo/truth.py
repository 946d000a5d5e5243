"""Writes the truth: one JSON file per row of what the demo must contain."""

import json
from pathlib import Path

from server.demo.world import World


def write_truth(folder: Path, world: World) -> None:
    """truth/NAME.json: what is planted, with ids, areas and verdicts, and the near-misses that must not be found."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in world.truth.items():
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")
