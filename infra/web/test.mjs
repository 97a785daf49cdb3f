// Runs every *.test.js below build/static; the runner of Node 20 can't be given a pattern.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STATIC = fileURLToPath(new URL("build/static/", import.meta.url));
const tests = readdirSync(STATIC, { recursive: true })
  .filter((path) => path.endsWith(".test.js"))
  .sort()
  .map((path) => join(STATIC, path));
if (tests.length === 0) {
  throw new Error(`${STATIC} holds no *.test.js; it should hold one beside each script`);
}
process.exitCode = spawnSync(process.execPath, ["--test", ...tests], { stdio: "inherit" }).status ?? 1;
