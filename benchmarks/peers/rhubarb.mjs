// Time Rhubarb Lip Sync (its WebAssembly port) on raw 16 kHz mono samples: node rhubarb.mjs line.pcm
// The port holds Rhubarb's word recogniser alone; the phonetic one, which is faster, is not in it.
import { readFileSync } from "node:fs";
import { Rhubarb } from "rhubarb-lip-sync-wasm";

console.log = () => {}; // it prints every cue
const samples = readFileSync(process.argv[2]);
const begun = performance.now();
const { mouthCues } = await Rhubarb.getLipSync(samples, {});
const seconds = (performance.now() - begun) / 1000;
process.stdout.write(JSON.stringify({ seconds, cues: mouthCues.length }) + "\n");
