// Remakes package-lock.json: run it after changing a version in package.json.
// It leaves out every address, so that the lock works with any registry, and adds the programs for other platforms where
// the registry at hand does not carry them, as `npm ci` refuses a lock without them. Those have no hash.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LOCK = new URL("package-lock.json", import.meta.url);
const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "sunos", "win32"];

// In a folder of its own: what is installed here would be taken as it is, without its hashes.
const folder = mkdtempSync(join(tmpdir(), "labelcrowd-lock-"));
copyFileSync(new URL("package.json", import.meta.url), join(folder, "package.json"));
const install = ["install", "--package-lock-only", "--no-audit", "--no-fund"];
execFileSync("npm", install, { cwd: folder, stdio: "inherit" });
const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
rmSync(folder, { recursive: true });
for (const found of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(found.optionalDependencies ?? {})) {
    lock.packages[`node_modules/${name}`] ??= platformPackage(name, version);
  }
  delete found.funding;
  delete found.resolved;
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(LOCK, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);

function platformPackage(name, version) {
  const words = name.split(/[-/]/);
  const libc = words.includes("musl") ? { libc: ["musl"] } : {};
  const os = words.filter((word) => SYSTEMS.includes(word));
  return { version, dev: true, optional: true, os, cpu: [words[words.indexOf(os[0]) + 1]], ...libc };
}
