// What getStats says, in words (W3C webrtc-stats). Pure: two samples in, a judgement out.
// Word keys: sound good | choppy | none; picture good | reduced | frozen | none.

/** Thresholds. Sound is judged first: an appointment without picture is one, without sound not. */
export const LIMITS = {
  choppyLoss: 0.05, // ratio; Opus with in-band FEC still sounds whole below it
  choppyConcealed: 0.05, // ratio of samples that had to be invented
  reducedHeight: 300, // lines; below it a sheet of paper cannot be read
  reducedRate: 12, // pictures a second
  frozenMs: 1000, // without a new picture
  slowRttMs: 400, // ms; people begin to talk at the same time
};

const ofKind = (report, type, kind) => report.filter((entry) => entry.type === type && (entry.kind ?? entry.mediaType) === kind);
const sum = (entries, field) => entries.reduce((total, entry) => total + (entry[field] ?? 0), 0);

/** The few figures we use from one getStats() (an array of its entries) at `now` (ms). */
export function sample(report, now) {
  const byId = new Map(report.map((entry) => [entry.id, entry]));
  const codecName = (kind) => {
    const flow = ofKind(report, 'inbound-rtp', kind)[0] ?? ofKind(report, 'outbound-rtp', kind)[0];
    return byId.get(flow?.codecId)?.mimeType?.split('/')[1] ?? '';
  };
  const received = (kind) => {
    const entries = ofKind(report, 'inbound-rtp', kind);
    return {
      bytes: sum(entries, 'bytesReceived'),
      packets: sum(entries, 'packetsReceived'),
      lost: Math.max(0, sum(entries, 'packetsLost')),
      samples: sum(entries, 'totalSamplesReceived'),
      concealed: sum(entries, 'concealedSamples') - sum(entries, 'silentConcealedSamples'),
      madeUp: sum(entries, 'concealedSamples'),
      frames: sum(entries, 'framesDecoded'),
      freezes: entries[0]?.freezeCount ?? null,
      height: entries[0]?.frameHeight ?? 0,
    };
  };
  const sent = (kind) => {
    const entries = ofKind(report, 'outbound-rtp', kind);
    const remote = ofKind(report, 'remote-inbound-rtp', kind)[0];
    return {
      bytes: sum(entries, 'bytesSent'),
      packets: sum(entries, 'packetsSent'),
      frames: sum(entries, 'framesEncoded'),
      height: Math.max(0, ...entries.map((entry) => entry.frameHeight ?? 0)),
      limitedBy: entries[0]?.qualityLimitationReason ?? 'none',
      lost: Math.max(0, remote?.packetsLost ?? 0),
      rttMs: remote?.roundTripTime === undefined ? null : remote.roundTripTime * 1000,
    };
  };
  const pair = selectedPair(report, byId);
  return {
    now,
    received: { audio: received('audio'), video: received('video') },
    sent: { audio: sent('audio'), video: sent('video') },
    outgoing: pair?.availableOutgoingBitrate ?? null,
    audioCodec: codecName('audio'),
    videoCodec: codecName('video'),
    rttMs: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    relayed: [byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)].some(
      (candidate) => candidate?.candidateType === 'relay',
    ),
  };
}

function selectedPair(report, byId) {
  const transport = report.find((entry) => entry.type === 'transport' && entry.selectedCandidatePairId);
  if (transport) return byId.get(transport.selectedCandidatePairId);
  return report.find((entry) => entry.type === 'candidate-pair' && (entry.selected || (entry.nominated && entry.state === 'succeeded')));
}

const lossBetween = (before, after, packets) => {
  const lost = Math.max(0, after.lost - before.lost);
  return packets + lost > 0 ? lost / (packets + lost) : 0;
};

/** What the agent hears and sees. `picture` none: nothing was ever decoded, or the track is off. */
export function judgeReceived(before, after) {
  const [a0, a1] = [before.received.audio, after.received.audio];
  const [v0, v1] = [before.received.video, after.received.video];
  const seconds = Math.max(0.001, (after.now - before.now) / 1000);
  const concealed = (a1.concealed - a0.concealed) / Math.max(1, a1.samples - a0.samples);
  return {
    sound: judgeSound(a1.bytes - a0.bytes, lossBetween(a0, a1, a1.packets - a0.packets), concealed),
    picture: judgePicture((v1.frames - v0.frames) / seconds, v1.height, v1.frames > 0 && after.now - before.now >= LIMITS.frozenMs),
  };
}

/** What the kiosk gets of us, as far as its RTCP says. */
export function judgeSent(before, after) {
  const [a0, a1] = [before.sent.audio, after.sent.audio];
  const [v0, v1] = [before.sent.video, after.sent.video];
  const seconds = Math.max(0.001, (after.now - before.now) / 1000);
  return {
    sound: judgeSound(a1.bytes - a0.bytes, lossBetween(a0, a1, a1.packets - a0.packets), 0),
    picture: judgePicture((v1.frames - v0.frames) / seconds, v1.height, v1.frames > 0 && after.now - before.now >= LIMITS.frozenMs),
  };
}

function judgeSound(bytes, loss, concealed) {
  if (bytes <= 0) return 'none';
  return loss > LIMITS.choppyLoss || concealed > LIMITS.choppyConcealed ? 'choppy' : 'good';
}

function judgePicture(rate, height, hadPictures) {
  if (rate <= 0) return hadPictures ? 'frozen' : 'none';
  return height < LIMITS.reducedHeight || rate < LIMITS.reducedRate ? 'reduced' : 'good';
}

/**
 * A judgement with what its figures cannot know: the silence of a muted microphone flows like
 * sound, the board that stands for a camera like a picture, and a browser that waits for a click (`blocked`)
 * plays nothing. `own` is the OwnMedia, `devices` are the kiosk's.
 */
export function withDevices({ received, sent, rttMs }, own, devices, blocked = false) {
  return {
    received: {
      sound: plays(own, devices, blocked) ? received.sound : 'none',
      picture: lacks(devices, 'camera') ? 'none' : received.picture,
    },
    sent: { sound: speaks(own) ? sent.sound : 'none', picture: isSeen(own) ? sent.picture : 'none' },
    rttMs,
  };
}

/** What is said of a judgement with devices, as a key of `quality_*`; '' where words about a device or the click say it. */
export function advice({ received, sent, rttMs }, own, devices, blocked = false) {
  if (received.sound === 'none') return plays(own, devices, blocked) ? 'no_sound' : '';
  if (received.sound === 'choppy') return 'choppy_in';
  if (own.sound && own.muted && !own.faults.microphone) return 'muted';
  if (sent.sound === 'none') return speaks(own) ? 'no_sound_out' : '';
  // without a speaker there neither gaps nor delay are heard
  const listens = !lacks(devices, 'speaker');
  if (sent.sound === 'choppy') return listens ? 'choppy_out' : '';
  if (rttMs !== null && rttMs > LIMITS.slowRttMs) return listens ? 'late' : '';
  const pictures = [!lacks(devices, 'camera') && received.picture, isSeen(own) && sent.picture];
  if (pictures.includes('none') || pictures.includes('frozen')) return 'no_picture';
  if (pictures.includes('reduced')) return 'reduced';
  const allWork = isSeen(own) && devices.every(({ status }) => status === 'ok');
  return allWork ? 'fine' : '';
}

const lacks = (devices, kind) => devices.some((device) => device.kind === kind && device.status !== 'ok');
const plays = (own, devices, blocked) => !(lacks(devices, 'microphone') || own.faults.speaker || blocked);
const speaks = (own) => Boolean(own.sound) && !own.muted && !own.faults.microphone;
const isSeen = (own) => Boolean(own.camera) && !own.cameraOff && !own.faults.camera;

/** Fields of the `report` message (PROTOCOL.md §8.8) for the time between two samples. */
export function reportBetween(before, after) {
  const seconds = Math.max(0.001, (after.now - before.now) / 1000);
  const bytes = (side) => (what) => what[side].audio.bytes + what[side].video.bytes;
  const rate = (of) => Math.max(0, ((of(after) - of(before)) * 8) / 1000 / seconds);
  const packets = (what) => what.received.audio.packets + what.received.video.packets;
  const lost = (what) => ({ lost: what.received.audio.lost + what.received.video.lost });
  const rtt = after.rttMs ?? after.sent.audio.rttMs ?? after.sent.video.rttMs;
  const [a0, a1] = [before.received.audio, after.received.audio];
  const madeUp = Math.max(0, a1.madeUp - a0.madeUp) / Math.max(1, a1.samples - a0.samples);
  const freezes = (after.received.video.freezes ?? 0) - (before.received.video.freezes ?? 0);
  return {
    audio_codec: after.audioCodec,
    video_codec: after.videoCodec,
    sent_kbit_s: round(rate(bytes('sent'))),
    received_kbit_s: round(rate(bytes('received'))),
    loss_ratio: Math.min(1, round(lossBetween(lost(before), lost(after), Math.max(0, packets(after) - packets(before))), 4)),
    concealed_ratio: Math.min(1, round(madeUp, 4)),
    rtt_ms: rtt === null ? null : round(rtt),
    freezes_per_minute: round(Math.max(0, (freezes * 60) / seconds), 2),
    relayed: after.relayed,
  };
}

const round = (value, digits = 1) => Number(value.toFixed(digits));

/** Octets of media received so far: what the watchdog watches. */
export const octetsReceived = (taken) => taken.received.audio.bytes + taken.received.video.bytes;

/**
 * The watchdog (PROTOCOL.md §8.5), pure: feed it octets and `now` (ms); it answers true or false
 * when the flow began or ceased, null when nothing changed. Asked every 500 ms it finds a
 * silence after 1.5 to 2 s.
 */
export class FlowWatch {
  #octets = 0;
  #movedAt = null;
  #flowing = false;

  constructor(silentAfterMs = 1500) {
    this.silentAfterMs = silentAfterMs;
  }

  /** The browser itself says that media moves, before its statistics do. */
  moved(now) {
    return this.feed(this.#octets + 1, now);
  }

  feed(octets, now) {
    if (octets > this.#octets) {
      this.#octets = octets;
      this.#movedAt = now;
      if (this.#flowing) return null;
      this.#flowing = true;
      return true;
    }
    if (!this.#flowing || now - this.#movedAt < this.silentAfterMs) return null;
    this.#flowing = false;
    return false;
  }
}
