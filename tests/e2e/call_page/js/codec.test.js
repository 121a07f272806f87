import { CodecChoice } from '/modules/codec.js';
import { equal, test } from './harness.js';

const codec = (mimeType) => ({ mimeType, clockRate: 90_000 });
const [VP8, H264, AV1, RTX] = ['video/VP8', 'video/H264', 'video/AV1', 'video/rtx'].map(codec);

/** What is changed to, at each second of these rates (kbit/s, null: unknown). */
function changes(choice, rates, busyFrom = Infinity) {
  const made = rates.map((kbit, s) => choice.feed({ rate: kbit === null ? null : kbit * 1000, busy: s >= busyFrom }, s * 1000));
  return made.map((one) => one?.mimeType.split('/')[1] ?? '-').join(' ');
}

test('a line that stays thin is spoken to in AV1, and in VP8 again when it is wide', () => {
  const choice = new CodecChoice([VP8, RTX, AV1]);
  equal(changes(choice, [200, 200, 200, 200, 200]), '- - - AV1 -');
  equal(changes(choice, [300, 390, 300, 390, 300]), '- - - - -');
  equal(changes(choice, [500, 500, 500, 500, 500]), '- - - VP8 -');
});

test('a moment changes nothing, nor does a browser that says no rate', () => {
  equal(changes(new CodecChoice([VP8, AV1]), [200, 200, 600, 200, 200, 300, 200]), '- - - - - - -');
  equal(changes(new CodecChoice([AV1, VP8]), [null, null, null, null, null]), '- - - - -');
});

test('what the far end asked for first is where it begins', () => {
  equal(changes(new CodecChoice([AV1, H264]), [100, 100, 100, 100, 500, 500, 500, 500]), '- - - - - - - H264');
});

test('a processor that is too slow for AV1 is not asked again', () => {
  const choice = new CodecChoice([VP8, AV1]);
  equal(changes(choice, [100, 100, 100, 100, 100, 100], 5), '- - - AV1 - VP8');
  equal(changes(choice, [100, 100, 100, 100, 100]), '- - - - -');
});

test('with one codec, or none, there is nothing to choose', () => {
  equal(changes(new CodecChoice([VP8, RTX]), [50, 50, 50, 50, 50]), '- - - - -');
  equal(changes(new CodecChoice([AV1]), [900, 900, 900, 900], 2), '- - - -');
  equal(changes(new CodecChoice([]), [50, 50, 50, 50]), '- - - -');
});
