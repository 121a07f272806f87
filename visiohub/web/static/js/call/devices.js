// The agent's own devices as the hub and the kiosk are told of them (PROTOCOL.md §8.11). Pure.

const STATUS = { unplugged: 'unplugged', missing: 'absent', overconstrained: 'absent' };

/** The cards of an OwnMedia: camera, microphone, and the speaker if the browser tells of outputs. */
export function deviceCards(own) {
  const cards = [
    card('camera', own.camera, own.faults.camera, own.cameraOff),
    card('microphone', own.sound, own.faults.microphone, own.muted),
  ];
  const speaker = own.faults.speaker;
  if (own.speakerKnown) cards.push({ kind: 'speaker', status: STATUS[speaker] ?? 'ok', name: '', detail: speaker ?? '' });
  return cards;
}

/** `fault` is a key of faults.js; a device that is not open yet has none. `off`: by the agent. */
function card(kind, track, fault, off) {
  const name = (track?.label ?? '').slice(0, 200);
  if (fault) return { kind, status: STATUS[fault] ?? 'failed', name, detail: fault };
  if (!track) return { kind, status: 'absent', name, detail: 'not open yet' };
  return { kind, status: off ? 'muted' : 'ok', name, detail: '' };
}

/**
 * Where to play, from enumerateDevices(): the chosen output unless others are there and it is not,
 * then the computer's own choice. `known`: outputs were listed at some time, so that their absence
 * means something; but without a label on any input the browser may be hiding them.
 */
export function outputAfter(devices, chosen = '', known = false) {
  const outputs = devices.filter((device) => device.kind === 'audiooutput');
  const told = devices.some((device) => device.kind !== 'audiooutput' && device.label);
  return {
    fault: known && told && !outputs.length ? 'unplugged' : null,
    id: !outputs.length || outputs.some((device) => device.deviceId === chosen) ? chosen : '',
    known: known || outputs.length > 0,
  };
}
