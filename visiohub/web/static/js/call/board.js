// What goes out in place of the picture while there is no camera.

const BOARD_EVERY_MS = 250;

/** A still picture with a sentence on it, as a video track; drawn anew so that it keeps flowing. */
export class Board {
  #canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  #track = null;
  #timer = null;
  text = '';

  get track() {
    if (!this.#track) {
      this.#draw();
      this.#track = this.#canvas.captureStream(4).getVideoTracks()[0];
      this.#timer = setInterval(() => this.#draw(), BOARD_EVERY_MS);
    }
    return this.#track;
  }

  stop() {
    clearInterval(this.#timer);
    this.#track?.stop();
    this.#track = null;
  }

  #draw() {
    const pen = this.#canvas.getContext('2d');
    pen.fillStyle = '#16191b';
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = '#ffffff';
    pen.font = '600 34px Hyperlegible, sans-serif';
    pen.textAlign = 'center';
    pen.fillText(this.text, 320, 190);
  }
}
