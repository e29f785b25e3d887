// Where audio comes from. A source has a sample rate, gives packets of pcm_s16le to `take` until it ends, and stops.

const RATE = 16000; // hertz, what the recogniser hears
const PACKET = 0.1; // seconds

export async function openMicrophone() {
  if (!navigator.mediaDevices) throw new Error("a browser gives the microphone only to https and to localhost");
  // The recogniser was trained on audio as it is: what a browser does for telephone calls would harm it.
  const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  const [context, input] = connect(stream);
  await context.audioWorklet.addModule("microphone.js");
  const node = new AudioWorkletNode(context, "packets", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  return {
    rate: context.sampleRate,
    start(take) {
      node.port.onmessage = ({ data }) => take(data);
      input.connect(node);
      context.resume().catch(() => {}); // some browsers start it asleep; that it was closed first is no fault
    },
    stop() {
      node.port.onmessage = null;
      stream.getTracks().forEach((track) => track.stop());
      context.close();
    },
  };
}

function connect(stream) {
  const context = new AudioContext({ sampleRate: RATE, sinkId: { type: "none" } }); // nothing is played
  try {
    return [context, context.createMediaStreamSource(stream)];
  } catch { // Firefox joins only equal rates; the service resamples whatever rate it is told
    context.close();
    const own = new AudioContext();
    return [own, own.createMediaStreamSource(stream)];
  }
}

export async function openFile(file) {
  const audio = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
  const samples = mixed(audio);
  let timer = null;
  return {
    rate: RATE,
    start(take, ended) { // at the pace of speech, whatever the timers do
      const began = performance.now();
      let at = 0;
      timer = setInterval(() => {
        while (at < samples.length && at / RATE <= (performance.now() - began) / 1000) {
          take(samples.slice(at, (at += RATE * PACKET)).buffer);
        }
        if (at >= samples.length) {
          clearInterval(timer);
          ended();
        }
      }, PACKET * 1000);
    },
    stop() {
      clearInterval(timer);
    },
  };
}

function mixed(audio) {
  const samples = new Int16Array(audio.length);
  const channels = Array.from({ length: audio.numberOfChannels }, (_, index) => audio.getChannelData(index));
  for (let at = 0; at < samples.length; at++) {
    const mean = channels.reduce((sum, channel) => sum + channel[at], 0) / channels.length;
    samples[at] = Math.max(-1, Math.min(1, mean)) * 32767;
  }
  return samples;
}
