// The agent's own camera, microphone and speaker. A device that lacks or is unplugged never stops
// the call: the sound goes on alone, and in place of the picture goes a plain board that says why.

import { Board } from './board.js';
import { outputAfter } from './devices.js';
import { faultOf } from './faults.js';

/** Modest on purpose: the far end is a thin line. */
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25, max: 30 } };
/** A device that another program holds, or that failed, is asked for again so often. */
const RETRY_MS = 3000;

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
 * Events: `change`, whenever a track, a fault, a switch or the speaker is different. `faults`
 * holds for each device a key of faults.js, 'unplugged', 'paused' (by the computer or the browser,
 * not here), or null. `speaker` is the output to play on, '' the computer's own choice.
 */
export class OwnMedia extends EventTarget {
  faults = { camera: null, microphone: null, speaker: null };
  muted = false;
  cameraOff = false;
  speaker = readChoices().speaker ?? '';
  speakerKnown = false; // browsers may keep the outputs to themselves
  #retry = null;
  #tracks = { camera: null, microphone: null };
  #board = new Board();
  #open = false;
  #opening = { camera: false, microphone: false };

  constructor() {
    super();
    // A plugged-in device is taken at once, if one of its kind lacks.
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      this.#fillGaps();
      this.#lookAtOutputs();
    });
    for (const kind of ['camera', 'microphone']) this.#watchPermission(kind);
  }

  /** Resolves when both kinds are open or known to lack; never rejects. */
  async open() {
    this.#open = true;
    if (!navigator.mediaDevices?.getUserMedia) {
      Object.assign(this.faults, { camera: 'insecure', microphone: 'insecure' });
      return this.#changed();
    }
    this.#retry ??= setInterval(() => this.#fillGaps(), RETRY_MS);
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
    await this.#lookAtOutputs();
  }

  /** The track to send: the camera, or the board that stands for it. */
  get picture() {
    const camera = this.#tracks.camera;
    return camera && !this.cameraOff && !this.faults.camera ? camera : this.#board.track;
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
    clearInterval(this.#retry);
    this.#retry = null;
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
      const fault = faultOf(error, isSecureContext);
      // A device that was pulled out stays "unplugged", not "missing": that is what happened.
      if (this.faults[kind] !== 'unplugged' || fault !== 'missing') this.faults[kind] = fault;
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
    track.onmute = () => this.#paused(kind, track, 'paused');
    track.onunmute = () => this.#paused(kind, track, null);
  }

  /** Track events `mute` and `unmute` (mediacapture-streams §4.3.1): the source gives nothing. */
  #paused(kind, track, fault) {
    if (this.#tracks[kind] !== track) return;
    this.faults[kind] = fault;
    this.#changed();
  }

  #lost(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.#tracks[kind] = null;
    this.faults[kind] = 'unplugged';
    this.#changed();
    this.#fillGaps();
  }

  async #fillGaps() {
    // Somebody who said no is not asked again each time a cable moves.
    const lacks = (kind) => !this.#tracks[kind] && this.faults[kind] && !['denied', 'insecure'].includes(this.faults[kind]);
    for (const kind of ['microphone', 'camera']) if (this.#open && lacks(kind)) await this.#tryAgain(kind);
  }

  async #tryAgain(kind) {
    const before = this.faults[kind];
    await this.#openOne(kind);
    if (this.faults[kind] !== before) this.#changed();
  }

  /** Whoever allows a device after having said no need not reload the page. */
  async #watchPermission(name) {
    try {
      const permission = await navigator.permissions.query({ name });
      permission.onchange = () => {
        if (this.#open && permission.state === 'granted' && this.faults[name] === 'denied') this.#tryAgain(name);
      };
    } catch {
      // A browser that does not tell: the next devicechange or reload asks.
    }
  }

  async #lookAtOutputs() {
    const { fault, id, known } = outputAfter(await navigator.mediaDevices.enumerateDevices(), readChoices().speaker, this.speakerKnown);
    if (!this.#open || (fault === this.faults.speaker && id === this.speaker && known === this.speakerKnown)) return;
    this.faults.speaker = fault;
    this.speaker = id;
    this.speakerKnown = known;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
