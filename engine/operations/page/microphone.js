// Runs on the audio thread: samples of one channel in, packets of 100 ms of signed 16-bit little-endian samples out.
class Packets extends AudioWorkletProcessor {
  constructor() {
    super();
    this.packet = new DataView(new ArrayBuffer(Math.round(sampleRate / 10) * 2));
    this.filled = 0;
  }

  process([channels]) {
    for (const sample of channels[0] ?? []) {
      this.packet.setInt16(this.filled, Math.max(-1, Math.min(1, sample)) * 32767, true);
      this.filled += 2;
      if (this.filled === this.packet.byteLength) {
        this.port.postMessage(this.packet.buffer.slice(0));
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("packets", Packets);
