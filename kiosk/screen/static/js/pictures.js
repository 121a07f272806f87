// The two pictures that the agent sends: the far end's, coded where this browser decodes it, and the
// kiosk's own, as plain I420 (kiosk/screen/frames.py). Each one done with is told, so that a slow
// page gets fewer.

import { FarDecoder } from './decoder.js';

const FAR = 1;
const CODED = 3;

class Picture {
  constructor(id) {
    this.canvas = document.createElement('canvas');
    this.canvas.id = id;
    this.canvas.width = 16;
    this.canvas.height = 9;
    // Opaque: a canvas that may be seen through is blended with what is behind, for every picture.
    this.context = this.canvas.getContext('2d', { alpha: false });
    this.drawn = 0;
  }

  /** Draw a VideoFrame, which is closed. */
  draw(frame) {
    const { displayWidth: width, displayHeight: height } = frame;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.context.drawImage(frame, 0, 0);
    frame.close();
    this.canvas.dataset.pictures = String(++this.drawn);
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    delete this.canvas.dataset.pictures;
  }
}

export const far = new Picture('far-picture');
export const self = new Picture('self-picture');

/** What comes over one connection; `tell(what)` goes back over it. */
export class Pictures {
  constructor(tell) {
    this.tell = tell;
    this.decoder = new FarDecoder((frame) => far.draw(frame), (what) => tell({ seen: CODED, ...what }));
  }

  receive(frame) {
    const head = new DataView(frame);
    const kind = head.getUint8(0);
    if (kind === CODED) {
      this.decoder.take(head.getUint8(1), head.getUint8(2) === 1, new Uint8Array(frame, 3));
      return;
    }
    try {
      const size = { codedWidth: head.getUint16(1, true), codedHeight: head.getUint16(3, true) };
      (kind === FAR ? far : self).draw(new VideoFrame(new Uint8Array(frame, 5), { format: 'I420', timestamp: 0, ...size }));
    } catch {
      // an unreadable picture is left out; the next one is on its way
    }
    this.tell({ seen: kind });
  }

  close() {
    this.decoder.close();
  }
}
