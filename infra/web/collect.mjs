// Lays all scripts out in build/static as a browser finds them: every app and every kind has a static folder of its own,
// but a script imports another by the place both have below /static/. There they are checked and tested.
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const APPS = fileURLToPath(new URL("../../apps/", import.meta.url));
const STATIC = fileURLToPath(new URL("build/static/", import.meta.url));
const WANTED = /\.(js|mjs|json|html)$/;

rmSync(STATIC, { recursive: true, force: true });
for (const folder of [...foldersIn(APPS), ...foldersIn(join(APPS, "kinds"))]) {
  const source = join(folder, "static");
  if (existsSync(source)) {
    cpSync(source, STATIC, {
      recursive: true,
      filter: (path) => WANTED.test(path) || !/\.[^/]*$/.test(path),
    });
  }
}

function foldersIn(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));
}
