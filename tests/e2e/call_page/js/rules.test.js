import { SilenceWatch, faultOf, loudness } from '/modules/faults.js';
import { limitsOf, pictureWithin, soundWithin, UNKNOWN_LINE } from '/modules/limits.js';
import { pictureFor, preferSturdySound } from '/modules/sdp.js';
import { equal, test } from './harness.js';

test('each browser error has its fault', () => {
  const fault = (name, message = '') => faultOf({ name, message });
  equal(fault('NotAllowedError'), 'denied');
  equal(fault('NotAllowedError', 'Permission denied by system'), 'blocked_by_system');
  equal(fault('NotFoundError'), 'missing');
  equal(fault('NotReadableError'), 'busy');
  equal(fault('OverconstrainedError'), 'overconstrained');
  equal(fault('AbortError'), 'closed');
  equal(fault('TypeError'), 'unknown');
  equal(faultOf(undefined, false), 'insecure');
});

test('loudness is in dB of full scale', () => {
  equal(loudness(new Float32Array(100)), -100);
  equal(Math.round(loudness(new Float32Array(100).fill(0.1))), -20);
});

test('a silent microphone is found after five seconds, a sound ends the question', () => {
  const deaf = new SilenceWatch();
  equal([deaf.feed(-100, 0), deaf.feed(-90, 4999), deaf.feed(-90, 5000), deaf.feed(-20, 6000)], ['listening', 'listening', 'silent', 'heard']);
});

const ANSWER = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', 'a=sendrecv', ''].join('\r\n');

test('an answer that says nothing about Opus asks for error correction', () => {
  equal(preferSturdySound(ANSWER).includes('a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1;maxaveragebitrate=32000\r\na=sendrecv'), true);
});

test('what an answer says itself is kept', () => {
  const said = ANSWER.replace('a=sendrecv', 'a=fmtp:111 minptime=10;useinbandfec=0\r\na=sendrecv');
  equal(preferSturdySound(said).includes('a=fmtp:111 minptime=10;useinbandfec=0;maxaveragebitrate=32000\r\n'), true);
  equal(preferSturdySound('v=0\r\n'), 'v=0\r\n');
});

const video = (codec, bits) =>
  `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nb=TIAS:9\r\nm=video 9 UDP/TLS/RTP/SAVPF 45 96\r\n${bits}a=rtpmap:45 ${codec}/90000\r\na=rtpmap:96 VP8/90000\r\n`;

test('a thin line gets a smaller picture, with AV1 later than with VP8', () => {
  const asked = (codec, bits) => pictureWithin(UNKNOWN_LINE, pictureFor(video(codec, bits)));
  equal(asked('AV1', 'b=TIAS:100000\r\n'), { active: true, maxBitrate: 100000, scaleResolutionDownBy: 1 });
  equal(asked('H264', 'b=TIAS:100000\r\n'), { active: true, maxBitrate: 100000, scaleResolutionDownBy: 4 / 3 });
  equal(asked('AV1', 'b=TIAS:25000\r\n').scaleResolutionDownBy, 2);
});

test('what the hub gives and raises later is not held down by the answer', () => {
  const within = (kbit_s) => pictureWithin(limitsOf({ audio_kbit_s: 24, video_down_kbit_s: kbit_s }), pictureFor(video('VP8', '')));
  equal(within(50), { active: true, maxBitrate: 50_000, scaleResolutionDownBy: 2 });
  equal(within(400), { active: true, maxBitrate: 400_000, scaleResolutionDownBy: 1 });
});

test('a share of nothing is no picture, not one without a limit', () => {
  equal(pictureFor(video('VP8', 'b=AS:0\r\nb=TIAS:0\r\n')).maxBitrate, 0);
});

test('where the line is unknown the picture stays as it is', () => {
  equal(pictureFor(video('VP8', '')), { maxBitrate: Infinity, codec: 'other' });
  equal(pictureFor(ANSWER).maxBitrate, Infinity);
});

test('sound and picture keep within what the hub gives, and sound is never off', () => {
  const limits = limitsOf({ audio_kbit_s: 24, video_down_kbit_s: 100 });
  equal(soundWithin(limits), { maxBitrate: 24_000 });
  equal(pictureWithin(limits, null), { active: true, maxBitrate: 100_000, scaleResolutionDownBy: 4 / 3 });
  equal(pictureWithin(limits, { maxBitrate: 60_000, codec: 'other' }), { active: true, maxBitrate: 60_000, scaleResolutionDownBy: 2 });
  const none = limitsOf({ audio_kbit_s: 0, video_down_kbit_s: 0 });
  equal(soundWithin(none), { maxBitrate: 6_000 });
  equal(pictureWithin(none, null), { active: false, maxBitrate: 1, scaleResolutionDownBy: 2 });
});

test('where the hub knows nothing, or no longer does, the caps hold', () => {
  equal(limitsOf(null), UNKNOWN_LINE);
  equal(soundWithin(UNKNOWN_LINE), { maxBitrate: 32_000 });
  equal(pictureWithin(UNKNOWN_LINE, null), { active: true, maxBitrate: 600_000, scaleResolutionDownBy: 1 });
});
