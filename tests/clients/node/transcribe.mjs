// Streams a file of raw 16 kHz pcm_s16le to a service and prints every message it gets, one JSON object a line.
// Usage: node transcribe.mjs ws://127.0.0.1:9000/v2 audio.raw '{"max_delay": 1}'
import { readFileSync } from "node:fs";
import { RealtimeClient } from "@speechmatics/real-time-client";

const [url, file, config] = process.argv.slice(2);
const client = new RealtimeClient({ url });
client.addEventListener("receiveMessage", ({ data }) => console.log(JSON.stringify(data)));

await client.start("no-token-needed", {
  audio_format: { type: "raw", encoding: "pcm_s16le", sample_rate: 16000 },
  transcription_config: { language: "en", ...JSON.parse(config ?? "{}") },
});
const audio = readFileSync(file);
for (let at = 0; at < audio.length; at += 3200) client.sendAudio(audio.subarray(at, at + 3200));
await client.stopRecognition();
process.exit(0); // the client's own timeout would keep the process for ten more seconds
