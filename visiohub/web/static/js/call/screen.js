// The far picture: two video elements, so that the last frame stays until the next one is here.

export class FarScreen {
  #videos;
  #shown = 0;
  #onBlocked;

  /** `onBlocked(blocked)`: the browser plays no sound before somebody clicks, or plays it now. */
  constructor(videos, speaker, onBlocked) {
    this.#videos = videos;
    this.#onBlocked = onBlocked;
    this.playOn(speaker);
  }

  /** From now on by this output; '' is the computer's own choice. */
  playOn(speaker) {
    for (const video of this.#videos) {
      if (!video.setSinkId || video.sinkId === speaker) continue;
      video.setSinkId(speaker).catch((error) => console.info('speaker not taken', error.name));
    }
  }

  /** Plays this stream behind the shown one. */
  prepare(stream) {
    const video = this.#spare();
    video.srcObject = stream;
    this.#play(video);
  }

  /** Brings this stream to the front at its first frame; the old frame stays until then. */
  show(stream) {
    const video = this.#videos.find((one) => one.srcObject === stream) ?? this.#spare();
    if (video.srcObject !== stream) {
      video.srcObject = stream;
      this.#play(video);
    }
    const swap = () => {
      if (video.srcObject !== stream) return;
      const old = this.#videos[this.#shown];
      this.#shown = this.#videos.indexOf(video);
      video.classList.add('shown');
      if (old !== video) {
        old.classList.remove('shown');
        old.srcObject = null;
      }
      if (!performance.getEntriesByName('visiohub:first-picture').length) performance.mark('visiohub:first-picture');
    };
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth) swap();
    else video.addEventListener('loadeddata', swap, { once: true });
  }

  clear() {
    for (const video of this.#videos) {
      video.srcObject = null;
      video.classList.remove('shown');
    }
  }

  /** After a click: with sound. */
  unblock() {
    for (const video of this.#videos) {
      video.muted = false;
      if (video.srcObject) this.#play(video);
    }
    this.#onBlocked(false);
  }

  #spare() {
    const shown = this.#videos[this.#shown];
    return shown.classList.contains('shown') ? this.#videos[1 - this.#shown] : shown;
  }

  async #play(video) {
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError') return; // replaced by a newer stream meanwhile
      video.muted = true;
      this.#onBlocked(true);
      video.play().catch(() => {});
    }
  }
}
