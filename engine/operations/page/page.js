import { openFile, openMicrophone } from "./sources.js";

const UNSURE = 0.6; // confidence under which a word is marked
const STUCK = 2 ** 20; // bytes that wait in the browser before the network counts as too slow
const at = (id) => document.getElementById(id);
let running = null;

async function aboutService() {
  const about = await (await fetch("ready")).json();
  at("service").textContent =
    `recogniser ${about.recogniser.slice(0, 12)}, ${about.sessions} of ${about.max_sessions} sessions in use`;
  at("key-choice").hidden = !about.keys_needed;
}

async function address() {
  const url = new URL("v2", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const key = at("key").value;
  if (key) {
    const answer = await fetch("token", { headers: { Authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    url.searchParams.set("jwt", (await answer.json()).jwt);
  }
  return url;
}

async function open() {
  if (at("source").value === "microphone") return openMicrophone();
  if (!at("file").files.length) throw new Error("choose a file first");
  return openFile(at("file").files[0]);
}

class Session {
  constructor(source, url) {
    this.source = source;
    this.packets = 0;
    this.socket = new WebSocket(url);
    this.socket.onopen = () => this.begin();
    this.socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    this.socket.onclose = ({ code, reason }) => this.over(code, reason);
  }

  say(message) {
    this.socket.send(JSON.stringify(message));
  }

  begin() {
    this.say({
      message: "StartRecognition",
      audio_format: { type: "raw", encoding: "pcm_s16le", sample_rate: this.source.rate },
      transcription_config: {
        language: "en",
        model: at("model").value,
        max_delay: Number(at("delay").value),
        enable_partials: at("partials").checked,
      },
    });
  }

  send(packet) {
    if (this.ending || this.socket.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > STUCK) return this.fail("the network is too slow for this audio");
    this.socket.send(packet);
    this.packets += 1;
  }

  finish() {
    if (!this.quieten()) return;
    if (this.started && this.socket.readyState === WebSocket.OPEN) {
      this.say({ message: "EndOfStream", last_seq_no: this.packets });
      status("waiting for the last words");
    } else {
      this.socket.close();
    }
  }

  quieten() { // whether it was not quiet before
    const first = !this.ending;
    this.ending = true;
    if (first) this.source.stop();
    return first;
  }

  fail(reason) {
    complain(reason);
    this.finish();
  }

  hear(message) {
    switch (message.message) {
      case "RecognitionStarted":
        this.started = true;
        this.source.start((packet) => this.send(packet), () => this.finish());
        return status("listening");
      case "AddPartialTranscript":
        at("partial").textContent = message.metadata.transcript;
        return;
      case "AddTranscript":
        at("partial").textContent = "";
        return at("finals").append(...message.results.flatMap(words));
      case "Info":
      case "Warning":
        return notice(message);
      case "Error":
        return complain(`${message.type}: ${message.reason}`);
      case "EndOfTranscript":
        this.complete = true;
    }
  }

  over(code, reason) {
    this.quieten();
    if (!this.complete && at("error").hidden) complain(`the service closed the connection (${code}${reason && ", "}${reason})`);
    status(this.complete ? "done" : "stopped");
    ready();
    running = null;
  }
}

function words(result) {
  const [best] = result.alternatives;
  const word = document.createElement("span");
  word.textContent = best.content;
  word.title = `confidence ${best.confidence}, ${result.start_time} to ${result.end_time} s`;
  word.dataset.confidence = best.confidence;
  word.classList.toggle("unsure", best.confidence < UNSURE);
  return result.attaches_to === "previous" ? [word] : [" ", word];
}

function notice({ message, type, reason }) {
  const line = document.createElement("li");
  line.textContent = `${message} ${type}: ${reason}`;
  at("notices").append(line);
}

function complain(reason) {
  at("error").textContent = reason;
  at("error").hidden = false;
}

function status(text) {
  at("status").textContent = text;
}

function ready() {
  at("choices").disabled = at("start").disabled = false;
  at("stop").disabled = true;
}

function clear() {
  at("finals").replaceChildren();
  at("notices").replaceChildren();
  at("partial").textContent = "";
  at("error").hidden = true;
  at("choices").disabled = at("start").disabled = true;
}

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  clear();
  status("starting");
  let source = null;
  try {
    source = await open();
    running = new Session(source, await address());
    at("stop").disabled = false;
  } catch (error) {
    source?.stop();
    complain(error.message);
    status("idle");
    ready();
  }
});
at("stop").addEventListener("click", () => running?.finish());
at("source").addEventListener("change", () => (at("file-choice").hidden = at("source").value !== "file"));
aboutService().catch(() => complain("the service does not answer"));
