// The two pictures that the agent sends as JPEG: the far end's and the kiosk's own. The newest is
// drawn; each drawn one is told, so that a slow page gets fewer.

const KINDS = { 1: 'far-picture', 2: 'self-picture' };

class Picture {
  constructor(id) {
    this.canvas = document.createElement('canvas');
    this.canvas.id = id;
    this.canvas.width = 16;
    this.canvas.height = 9;
    this.latest = 0;
    this.drawn = 0;
  }

  async draw(octets) {
    const number = ++this.latest;
    const bitmap = await createImageBitmap(new Blob([octets], { type: 'image/jpeg' }));
    if (number > this.drawn) {
      this.drawn = number;
      if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
        this.canvas.width = bitmap.width;
        this.canvas.height = bitmap.height;
      }
      this.canvas.getContext('2d').drawImage(bitmap, 0, 0);
      this.canvas.dataset.pictures = String(number);
    }
    bitmap.close();
  }

  clear() {
    this.drawn = this.latest; // what is still being decoded must not be drawn any more
    this.canvas.getContext('2d').clearRect(0, 0, this.canvas.width, this.canvas.height);
    delete this.canvas.dataset.pictures;
  }
}

export const far = new Picture(KINDS[1]);
export const self = new Picture(KINDS[2]);

/** Draw one frame of the WebSocket; `seen(kind)` is called when it is done with. */
export async function receive(frame, seen) {
  const kind = new Uint8Array(frame, 0, 1)[0];
  const picture = kind === 1 ? far : self;
  try {
    await picture.draw(new Uint8Array(frame, 1));
  } catch {
    // an unreadable picture is left out; the next one is on its way
  }
  seen(kind);
}
