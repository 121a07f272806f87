// Decodes the far picture as the agent got it (kiosk/screen/frames.py says how it comes). What
// becomes of each is answered: {shown: [width, height, ms]}, {lost: true} when only a whole picture
// helps now, or nothing for what shows nothing and what is passed over until a whole one has come.

const NAMES = { 1: 'VP8', 2: 'AV1' };
const STRINGS = { VP8: 'vp8', AV1: 'av01.0.12M.08' };
// In software: a ladder of sizes in one stream is where drivers fail, and 640x360 costs little.
const HOW = { hardwareAcceleration: 'prefer-software', optimizeForLatency: true };

/** Codecs that this browser decodes, by their names in SDP. */
export async function decodes() {
  if (!window.VideoDecoder) return [];
  const known = [];
  for (const name of Object.values(NAMES)) {
    const { supported } = await VideoDecoder.isConfigSupported({ codec: STRINGS[name], ...HOW }).catch(() => ({}));
    if (supported) known.push(name);
  }
  return known;
}

export class FarDecoder {
  /** `show(frame)` takes a VideoFrame over, `answer(what)` is called once for each picture. */
  constructor(show, answer) {
    Object.assign(this, { show, answer });
    this.decoder = null;
    this.codec = '';
    this.number = 0;
    this.began = new Map();
    this.waits = false; // for a whole picture: that one is lost was said already
  }

  take(codec, whole, data) {
    if (!whole && !this.decoder) {
      this.answer(this.waits ? {} : { lost: true });
      this.waits = true;
      return;
    }
    if (!this.decoder || codec !== this.codec) this.open(codec);
    this.waits = false;
    const timestamp = ++this.number;
    this.began.set(timestamp, performance.now());
    try {
      this.decoder.decode(new EncodedVideoChunk({ type: whole ? 'key' : 'delta', timestamp, data }));
    } catch {
      this.fail();
    }
  }

  close() {
    if (!this.decoder) return;
    if (this.decoder.state !== 'closed') this.decoder.close();
    this.decoder = null;
    for (const _ of this.began) this.answer({});
    this.began.clear();
  }

  open(codec) {
    this.close();
    const decoder = new VideoDecoder({
      output: (frame) => this.output(decoder, frame),
      error: () => decoder === this.decoder && this.fail(),
    });
    this.decoder = decoder;
    this.codec = codec;
    decoder.configure({ codec: STRINGS[NAMES[codec]], ...HOW });
  }

  output(decoder, frame) {
    const began = this.began.get(frame.timestamp);
    if (decoder !== this.decoder || began === undefined) {
      frame.close();
      return;
    }
    // Decoders keep the order: what began before this one and has not come shows nothing.
    for (const number of this.began.keys()) {
      if (number === frame.timestamp) break;
      this.began.delete(number);
      this.answer({});
    }
    this.began.delete(frame.timestamp);
    const { displayWidth, displayHeight } = frame;
    this.show(frame);
    this.answer({ shown: [displayWidth, displayHeight, performance.now() - began] });
  }

  fail() {
    this.began.delete(this.began.keys().next().value);
    this.close();
    this.waits = true;
    this.answer({ lost: true });
  }
}
