// The agent's own camera and microphone. A device that lacks or is unplugged never stops the
// call: the sound goes on alone, and in place of the picture goes a plain board that says why.

import { faultOf } from './faults.js';

/** Modest on purpose: the far end is a thin line. */
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25, max: 30 } };
const BOARD_EVERY_MS = 250;

const CHOICES_KEY = 'visiohub.devices';

/** What the pre-check found and the agent chose: {camera, microphone, speaker, checkedAt}. */
export function readChoices() {
  try {
    return JSON.parse(localStorage.getItem(CHOICES_KEY)) ?? {};
  } catch {
    return {}; // damaged or forbidden storage: the browser's own choice of devices
  }
}

export function keepChoices(choices) {
  try {
    localStorage.setItem(CHOICES_KEY, JSON.stringify({ ...readChoices(), ...choices }));
  } catch {
    // A browser that keeps nothing: the choice holds for this page alone.
  }
}

export function constraintsFor(kind, deviceId, strictness = 'ideal') {
  const chosen = deviceId ? { deviceId: { [strictness]: deviceId } } : {};
  return kind === 'camera' ? { video: { ...PICTURE, ...chosen } } : { audio: { ...chosen } };
}

/**
 * Events: `change`, whenever a track, a fault or a switch is different. `faults` holds for
 * 'camera' and 'microphone' a key of faults.js, 'unplugged', or null.
 */
export class OwnMedia extends EventTarget {
  faults = { camera: null, microphone: null };
  muted = false;
  cameraOff = false;
  #tracks = { camera: null, microphone: null };
  #board = new Board();
  #open = false;
  #opening = { camera: false, microphone: false };

  constructor() {
    super();
    // A plugged-in device is taken at once, if one of its kind lacks.
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#fillGaps());
  }

  /** Resolves when both kinds are open or known to lack; never rejects. */
  async open() {
    this.#open = true;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.faults = { camera: 'insecure', microphone: 'insecure' };
      return this.#changed();
    }
    const choices = readChoices();
    try {
      const wanted = { ...constraintsFor('camera', choices.camera), ...constraintsFor('microphone', choices.microphone) };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      this.#take('camera', stream.getVideoTracks()[0]);
      this.#take('microphone', stream.getAudioTracks()[0]);
    } catch {
      // One of the two spoils both: ask for each by itself to learn which.
      await this.#openOne('microphone');
      await this.#openOne('camera');
    }
    this.#changed();
  }

  /** The track to send: the camera, or the board that stands for it. */
  get picture() {
    const camera = this.#tracks.camera;
    return camera && !this.cameraOff ? camera : this.#board.track;
  }

  get sound() {
    return this.#tracks.microphone;
  }

  get camera() {
    return this.#tracks.camera;
  }

  set boardText(text) {
    this.#board.text = text;
  }

  mute(muted) {
    this.muted = muted;
    if (this.sound) this.sound.enabled = !muted;
    this.#changed();
  }

  turnCameraOff(off) {
    this.cameraOff = off;
    if (this.camera) this.camera.enabled = !off;
    this.#changed();
  }

  close() {
    this.#open = false;
    for (const kind of Object.keys(this.#tracks)) {
      this.#tracks[kind]?.stop();
      this.#tracks[kind] = null;
    }
    this.#board.stop();
    this.#changed();
  }

  async #openOne(kind) {
    if (this.#opening[kind]) return;
    this.#opening[kind] = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraintsFor(kind, readChoices()[kind]));
      this.#take(kind, stream.getTracks()[0]);
    } catch (error) {
      // A device that was pulled out stays "unplugged", not "missing": that is what happened.
      if (this.faults[kind] !== 'unplugged') this.faults[kind] = faultOf(error, isSecureContext);
    } finally {
      this.#opening[kind] = false;
    }
  }

  #take(kind, track) {
    if (!this.#open) {
      track.stop();
      return;
    }
    this.#tracks[kind]?.stop();
    this.#tracks[kind] = track;
    this.faults[kind] = null;
    track.enabled = kind === 'camera' ? !this.cameraOff : !this.muted;
    if (kind === 'camera') track.contentHint = 'motion';
    track.onended = () => this.#lost(kind, track);
  }

  #lost(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.#tracks[kind] = null;
    this.faults[kind] = 'unplugged';
    this.#changed();
    this.#fillGaps();
  }

  async #fillGaps() {
    if (!this.#open) return;
    for (const kind of ['microphone', 'camera']) {
      const fault = this.faults[kind];
      // Somebody who said no is not asked again each time a cable moves.
      if (this.#tracks[kind] || !fault || fault === 'denied') continue;
      await this.#openOne(kind);
      if (this.#tracks[kind]) this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** A still picture with a sentence on it, as a video track; drawn anew so that it keeps flowing. */
class Board {
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
    const lines = this.text.split('\n');
    lines.forEach((line, n) => pen.fillText(line, 320, 190 + (n - (lines.length - 1) / 2) * 46));
  }
}
