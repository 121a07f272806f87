// The two pictures that the agent sends as plain I420 (kiosk/screen/pictures.py): the far end's and
// the kiosk's own. Each drawn one is told, so that a slow page gets fewer.

const KINDS = { 1: 'far-picture', 2: 'self-picture' };

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

  draw(width, height, planes) {
    const frame = new VideoFrame(planes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 });
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

export const far = new Picture(KINDS[1]);
export const self = new Picture(KINDS[2]);

/** Draw one frame of the WebSocket; `seen(kind)` is called when it is done with. */
export function receive(frame, seen) {
  const head = new DataView(frame);
  const kind = head.getUint8(0);
  const picture = kind === 1 ? far : self;
  try {
    picture.draw(head.getUint16(1, true), head.getUint16(3, true), new Uint8Array(frame, 5));
  } catch {
    // an unreadable picture is left out; the next one is on its way
  }
  seen(kind);
}
