// What this page may send of sound and of picture, bit/s, by a `call_budget` (PROTOCOL.md §10.4). Pure.

/** Caps where nothing is known: sound first, picture modest, because the far end is a thin line. */
export const CAPS = { sound: 32_000, picture: 600_000 };
export const UNKNOWN_LINE = { sound: Infinity, picture: Infinity };

// Below these rates (bit/s) 640x360 looks worse than a smaller picture; AV1 holds it far longer.
const LARGE_FROM = { AV1: 55_000, other: 130_000 };
const LEAST_SOUND = 6_000; // Opus makes no less (RFC 6716 §2.1.1), and browsers pass over what is below

/** Of what the hub gives this call of the venue's line; null: it no longer knows. */
export function limitsOf(budget) {
  if (!budget) return UNKNOWN_LINE;
  return { sound: budget.audio_kbit_s * 1000, picture: budget.video_down_kbit_s * 1000 };
}

/** The encoding of the sound: sound is never off. */
export function soundWithin(limits) {
  return { maxBitrate: Math.max(LEAST_SOUND, Math.min(CAPS.sound, limits.sound)) };
}

/**
 * The encoding of the picture, small enough for what both take: `asked` is sdp.js pictureFor's, for the whole
 * call, null before the answer; `limits` rise and fall.
 */
export function pictureWithin(limits, asked) {
  const maxBitrate = Math.min(asked?.maxBitrate ?? Infinity, CAPS.picture, limits.picture);
  const large = LARGE_FROM[asked?.codec ?? 'other'];
  const scaleResolutionDownBy = maxBitrate >= large ? 1 : maxBitrate >= large / 2 ? 4 / 3 : 2;
  // A rate of zero is none at all to browsers: what must not be sent is switched off.
  return { active: maxBitrate > 0, maxBitrate: Math.max(1, maxBitrate), scaleResolutionDownBy };
}
