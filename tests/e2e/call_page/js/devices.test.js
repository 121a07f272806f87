import { deviceCards, outputAfter } from '/modules/devices.js';
import { equal, test } from './harness.js';

const own = (fields) => ({
  camera: { label: 'C920' }, sound: { label: 'Casque' }, faults: { camera: null, microphone: null, speaker: null },
  cameraOff: false, muted: false, speakerKnown: false, ...fields,
});
const states = (fields) => deviceCards(own(fields)).map(({ kind, status, detail }) => `${kind} ${status} ${detail}`.trim());
const output = (deviceId) => ({ kind: 'audiooutput', deviceId, label: deviceId });
const CAMERA = { kind: 'videoinput', deviceId: 'c', label: 'C920' };

test('devices that work are told with their names', () => {
  equal(deviceCards(own())[0], { kind: 'camera', status: 'ok', name: 'C920', detail: '' });
  equal(states({ speakerKnown: true }), ['camera ok', 'microphone ok', 'speaker ok']);
});

test('what the agent switched off is muted, not at fault', () => {
  equal(states({ cameraOff: true, muted: true }), ['camera muted', 'microphone muted']);
});

test('each fault is one of the states of the wire, with its key', () => {
  const faults = (camera, microphone) => states({ camera: null, sound: null, faults: { camera, microphone, speaker: null } });
  equal(faults('unplugged', 'missing'), ['camera unplugged unplugged', 'microphone absent missing']);
  equal(faults('busy', 'denied'), ['camera failed busy', 'microphone failed denied']);
  equal(states({ faults: { camera: 'paused', microphone: null, speaker: 'unplugged' }, speakerKnown: true }), ['camera failed paused', 'microphone ok', 'speaker unplugged unplugged']);
  equal(states({ faults: { camera: 'paused', microphone: null, speaker: null }, cameraOff: true }), ['camera failed paused', 'microphone ok']);
});

test('a device that is still asked for is absent', () => {
  equal(states({ camera: null }), ['camera absent not open yet', 'microphone ok']);
});

test('the chosen output is played on while it is there', () => {
  equal(outputAfter([CAMERA, output('a'), output('b')], 'b', false), { fault: null, id: 'b', known: true });
  equal(outputAfter([CAMERA, output('a')], 'b', true), { fault: null, id: '', known: true });
});

test('no output is a fault only where outputs were listed and nothing is hidden', () => {
  equal(outputAfter([CAMERA], 'b', true).fault, 'unplugged');
  equal(outputAfter([CAMERA], 'b', false), { fault: null, id: 'b', known: false });
  equal(outputAfter([{ ...CAMERA, label: '' }], 'b', true).fault, null);
});
