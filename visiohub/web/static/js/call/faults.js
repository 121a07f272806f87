// Why a device did not open, as one of the few keys that the page has words for. Pure.

/**
 * `error` is what getUserMedia threw (W3C mediacapture-streams §getUserMedia), `secure` is
 * window.isSecureContext. Keys: insecure, denied, blocked_by_system, missing, busy,
 * overconstrained, closed, unknown.
 */
export function faultOf(error, secure = true) {
  if (!secure) return 'insecure';
  switch (error?.name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return /system/i.test(error.message ?? '') ? 'blocked_by_system' : 'denied';
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
      return 'busy';
    case 'AbortError':
      return 'closed';
    case 'OverconstrainedError':
      return 'overconstrained';
    default:
      return 'unknown';
  }
}

/** Loudness of time-domain samples (-1..1) in dB of full scale; -100 for digital silence. */
export function loudness(samples) {
  let power = 0;
  for (const value of samples) power += value * value;
  const rms = Math.sqrt(power / Math.max(1, samples.length));
  return rms > 1e-5 ? Math.max(-100, 20 * Math.log10(rms)) : -100;
}

/**
 * A microphone that is open but hears nothing: a mute key, a wrong device. Pure: feed loudness
 * (dB) and `now` (ms); `heard` once a sound rose above the room, `silent` after `silentAfterMs`
 * without one, else `listening`.
 */
export class SilenceWatch {
  #since = null;
  #heard = false;

  constructor({ silentAfterMs = 5000, soundDb = -50 } = {}) {
    this.silentAfterMs = silentAfterMs;
    this.soundDb = soundDb;
  }

  feed(db, now) {
    this.#since ??= now;
    if (db > this.soundDb) this.#heard = true;
    if (this.#heard) return 'heard';
    return now - this.#since >= this.silentAfterMs ? 'silent' : 'listening';
  }
}
