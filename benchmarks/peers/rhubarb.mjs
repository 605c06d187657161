// Run Rhubarb Lip Sync (its WebAssembly port) on raw 16 kHz mono samples: node rhubarb.mjs line.pcm [line.txt]
// The port holds Rhubarb's word recogniser alone; the phonetic one, which is faster, is not in it.
import { readFileSync } from "node:fs";
import { Rhubarb } from "rhubarb-lip-sync-wasm";

console.log = () => {}; // it prints every cue
const samples = readFileSync(process.argv[2]);
const dialogText = process.argv[3] ? readFileSync(process.argv[3], "utf8") : "";
const begun = performance.now();
const used = process.cpuUsage();
const { mouthCues } = await Rhubarb.getLipSync(samples, { dialogText });
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(used);
const cues = mouthCues.map(({ start, end, value }) => [start, end, value]);
process.stdout.write("\n" + JSON.stringify({ seconds, work_cpu: (user + system) / 1e6, cues }) + "\n");
