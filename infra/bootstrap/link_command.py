"""Makes `.venv/bin/labelcrowd` run the client as it lies here: what `pip install -e` would do, without building.

Run by the Python of the environment that gets it.
"""

import sys
import sysconfig
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[2] / "client"


def main() -> None:
    command = Path(sysconfig.get_path("scripts")) / "labelcrowd"
    Path(sysconfig.get_path("purelib"), "labelcrowd_client.pth").write_text(f"{CLIENT}\n")
    command.write_text(
        f"#!{sys.executable}\nimport sys\n\nfrom labelcrowd_client.command import main\n\nsys.exit(main())\n"
    )
    command.chmod(0o755)


if __name__ == "__main__":
    main()
