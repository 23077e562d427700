// Parse Mermaid texts with the real package: node scripts/check_mermaid.mjs FOLDER
//
// It is looked for where the command is given, since Podium needs neither Node nor npm:
//     make gallery
//     mkdir -p /tmp/mermaid && cd /tmp/mermaid && npm install mermaid jsdom
//     node PODIUM/scripts/check_mermaid.mjs PODIUM/gallery/mermaid
// Says what is wrong with which file; the exit code is 1 if anything is.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const here = createRequire(join(process.cwd(), "package.json"));
const { JSDOM } = here("jsdom");
const page = new JSDOM("<!doctype html><body></body>"); // Mermaid cleans labels with the page's own parser
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import(pathToFileURL(here.resolve("mermaid")).href);

const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => name.endsWith(".mmd")).sort();
let errors = 0;
for (const name of names) {
    try {
        const { diagramType } = await mermaid.parse(readFileSync(join(folder, name), "utf8"));
        if (!diagramType.startsWith("flowchart")) throw new Error(`it is a ${diagramType}`);
    } catch (error) {
        errors += 1;
        console.error(`${name}: ${error.message}`);
    }
}
console.log(`mermaid ${here("mermaid/package.json").version}: ${names.length} texts, ${errors} errors`);
process.exit(errors || !names.length ? 1 : 0);
