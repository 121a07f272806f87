import { advice, FlowWatch, judgeReceived, judgeSent, octetsReceived, reportBetween, sample, withDevices } from '/modules/quality.js';
import { equal, test } from './harness.js';

/** A getStats() report after `s` seconds of a call at these rates. */
function stats(s, { audio = 3000, video = 40_000, rate = 25, height = 360, lost = 0, freezes = 0, concealed = 0 } = {}) {
  return [
    { id: 'A', type: 'codec', mimeType: 'audio/opus' },
    { id: 'V', type: 'codec', mimeType: 'video/VP8' },
    { id: 'ia', type: 'inbound-rtp', kind: 'audio', codecId: 'A', bytesReceived: audio * s, packetsReceived: 50 * s, packetsLost: lost * s, totalSamplesReceived: 48_000 * s, concealedSamples: concealed * s, silentConcealedSamples: 0 },
    { id: 'iv', type: 'inbound-rtp', kind: 'video', codecId: 'V', bytesReceived: video * s, packetsReceived: 60 * s, packetsLost: 0, framesDecoded: rate * s, frameHeight: height, freezeCount: freezes * s },
    { id: 'oa', type: 'outbound-rtp', kind: 'audio', bytesSent: audio * s, packetsSent: 50 * s },
    { id: 'ov', type: 'outbound-rtp', kind: 'video', bytesSent: video * s, packetsSent: 60 * s, framesEncoded: rate * s, frameHeight: height },
    { id: 'ra', type: 'remote-inbound-rtp', kind: 'audio', packetsLost: lost * s, roundTripTime: 0.08 },
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    { id: 'P', type: 'candidate-pair', currentRoundTripTime: 0.06, localCandidateId: 'L', remoteCandidateId: 'R' },
    { id: 'L', type: 'local-candidate', candidateType: 'relay' },
    { id: 'R', type: 'remote-candidate', candidateType: 'host' },
  ];
}
const pair = (rates, then = rates) => [sample(stats(10, rates), 10_000), sample(stats(12, then), 12_000)];

test('a good line is good both ways', () => {
  equal(judgeReceived(...pair()), { sound: 'good', picture: 'good' });
  equal(judgeSent(...pair()), { sound: 'good', picture: 'good' });
});

test('few lines or few pictures are a reduced picture', () => {
  equal(judgeReceived(...pair({ height: 180 })).picture, 'reduced');
  equal(judgeReceived(...pair({ rate: 8 })).picture, 'reduced');
});

test('no new picture is frozen, none ever is sound alone', () => {
  const frozen = [sample(stats(10), 10_000), sample(stats(10), 12_000)];
  equal(judgeReceived(...frozen).picture, 'frozen');
  equal(judgeReceived(...pair({ rate: 0 })).picture, 'none');
});

test('lost or invented sound is choppy, no octets no sound', () => {
  equal(judgeReceived(...pair({ lost: 5 })).sound, 'choppy');
  equal(judgeReceived(...pair({ concealed: 4800 })).sound, 'choppy');
  equal(judgeReceived(...pair({ audio: 0 })).sound, 'none');
});

const WELL = { received: { sound: 'good', picture: 'good' }, sent: { sound: 'good', picture: 'good' }, rttMs: 60 };
const NO_FAULT = { camera: null, microphone: null, speaker: null };
const OWN = { camera: {}, sound: {}, muted: false, cameraOff: false, faults: NO_FAULT };
const said = (seen, own = OWN, devices = [], blocked = false) => {
  const judged = withDevices(seen, own, devices, blocked);
  return [...Object.values(judged.received), ...Object.values(judged.sent), advice(judged, own, devices, blocked)];
};

test('where all flows, own devices that give nothing are heard and seen by nobody', () => {
  equal(said(WELL), ['good', 'good', 'good', 'good', 'fine']);
  equal(said(WELL, { ...OWN, muted: true }), ['good', 'good', 'none', 'good', 'muted']);
  equal(said(WELL, { ...OWN, sound: null, faults: { ...NO_FAULT, microphone: 'unplugged' } }), ['good', 'good', 'none', 'good', '']);
  equal(said(WELL, { ...OWN, cameraOff: true }), ['good', 'good', 'good', 'none', '']);
  equal(said(WELL, { ...OWN, faults: { ...NO_FAULT, camera: 'paused' } }), ['good', 'good', 'good', 'none', '']);
  equal(said(WELL, { ...OWN, faults: { ...NO_FAULT, speaker: 'unplugged' } }), ['none', 'good', 'good', 'good', '']);
});

test('nor does anything get through of what the kiosk lacks', () => {
  equal(said(WELL, OWN, [{ kind: 'microphone', status: 'muted' }]), ['none', 'good', 'good', 'good', '']);
  equal(said(WELL, OWN, [{ kind: 'camera', status: 'unplugged' }]), ['good', 'none', 'good', 'good', '']);
  equal(said(WELL, OWN, [{ kind: 'speaker', status: 'failed' }, { kind: 'camera', status: 'ok' }]), ['good', 'good', 'good', 'good', '']);
});

test('while the browser waits for a click nothing is heard, and nothing else is advised', () => {
  equal(said(WELL, OWN, [], true), ['none', 'good', 'good', 'good', '']);
});

test('how our sound arrives is not said where no speaker plays it', () => {
  const deaf = [{ kind: 'speaker', status: 'not_fitted' }];
  equal(said({ ...WELL, sent: { ...WELL.sent, sound: 'choppy' } }, OWN, deaf).at(-1), '');
  equal(said({ ...WELL, rttMs: 900 }, OWN, deaf).at(-1), '');
});

test('what the line takes is said to be so', () => {
  const with_ = (side, what) => said({ ...WELL, [side]: { ...WELL[side], ...what } }).at(-1);
  equal([with_('received', { sound: 'none' }), with_('sent', { sound: 'none' })], ['no_sound', 'no_sound_out']);
  equal([with_('received', { sound: 'choppy' }), with_('sent', { sound: 'choppy' })], ['choppy_in', 'choppy_out']);
  equal([with_('received', { picture: 'frozen' }), with_('sent', { picture: 'none' })], ['no_picture', 'no_picture']);
  equal([with_('received', { picture: 'reduced' }), said({ ...WELL, rttMs: 900 }).at(-1)], ['reduced', 'late']);
});

test('the report has the fields of the wire, in its units', () => {
  equal(reportBetween(...pair({ freezes: 0.5, concealed: 4800 })), {
    audio_codec: 'opus', video_codec: 'VP8', sent_kbit_s: 344, received_kbit_s: 344, loss_ratio: 0, concealed_ratio: 0.1, rtt_ms: 60, freezes_per_minute: 30, relayed: true,
  });
});

test('a report of nothing is all zero and never NaN', () => {
  const nothing = sample([], 0);
  const { rtt_ms, ...rest } = reportBetween(nothing, sample([], 0));
  equal(rtt_ms, null);
  equal(Object.values(rest).filter((value) => Number.isNaN(value)), []);
  equal(octetsReceived(nothing), 0);
});

test('counters that begin anew never give negative rates', () => {
  const [before] = pair();
  const report = reportBetween(before, sample(stats(1), 12_000));
  equal([report.sent_kbit_s, report.received_kbit_s, report.freezes_per_minute], [0, 0, 0]);
});

test('silence is found 1.5 to 2 s after the last octet, revival at once', () => {
  const watch = new FlowWatch();
  equal([watch.feed(0, 0), watch.feed(100, 500), watch.feed(200, 1000)], [null, true, null]);
  equal([watch.feed(200, 1500), watch.feed(200, 2000), watch.feed(200, 2500), watch.feed(200, 3000)], [null, null, false, null]);
  equal([watch.feed(300, 3500), watch.moved(3600)], [true, null]);
});

test('a connection that never flowed never fell silent', () => {
  const watch = new FlowWatch();
  equal([watch.feed(0, 0), watch.feed(0, 9000)], [null, null]);
});
