// The pre-check: camera, microphone, speaker, connection; each fault with its remedy.

import { SilenceWatch, faultOf, loudness } from './faults.js';
import { constraintsFor, keepChoices, readChoices } from './media.js';
import { playNotes, probeHub, probeMedia, probeRelay } from './probes.js';
import { drawState } from './shape.js';
import { text } from './texts.js';

const $ = (id) => document.getElementById(id);
const METER_EVERY_MS = 80;
const METER_FLOOR_DB = -60;
const CLOCK_MS = 3000;
const DARK = 10; // of 255; a covered lens
const DARK_LOOKS = 20; // in a row, before it is said

const LOOKS = { good: ['disc', ''], usable: ['half', ''], bad: ['hollow', 'att'], checking: ['dashed', ''], not_checked: ['ring', ''] };
const results = {}; // part -> good | usable | bad
const streams = { camera: null, microphone: null };
let context = null;
let meterTimer = null;
let dark = 0;

/** One line of the check: `verdict` is a key of LOOKS, `key` names the sentence. */
function tell(part, verdict, key, values) {
  results[part] = verdict;
  drawState($(`${part}-state`), text(verdict), ...LOOKS[verdict]);
  $(`${part}-words`).textContent = key ? text(key, values) : '';
  const again = $(`${part}-again`);
  if (again) again.hidden = verdict !== 'bad';
  summarise();
}

function summarise() {
  const parts = ['camera', 'microphone', 'speaker', 'hub', 'media', 'relay'];
  const done = parts.every((part) => ['good', 'usable', 'bad'].includes(results[part]));
  $('end').hidden = !done;
  $('connection-again').hidden = !['hub', 'media', 'relay'].some((part) => results[part] === 'bad');
  if (!done) return;
  const bad = parts.filter((part) => results[part] === 'bad');
  const blocking = ['hub', 'media'].some((part) => bad.includes(part)) || ['camera', 'microphone'].every((part) => bad.includes(part));
  $('end-words').textContent = text(blocking ? 'all_bad' : bad.length ? 'all_usable' : 'all_good');
  keepChoices({ checkedAt: new Date().toISOString(), results });
}

// --- camera and microphone ------------------------------------------------------------------

async function open(kind) {
  tell(kind, 'checking');
  streams[kind]?.getTracks().forEach((track) => track.stop());
  streams[kind] = null;
  try {
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('insecure', 'SecurityError');
    const chosen = readChoices()[kind];
    // Exact: the check is about this very device.
    streams[kind] = await navigator.mediaDevices.getUserMedia(constraintsFor(kind, chosen, 'exact'));
  } catch (error) {
    const fault = faultOf(error, isSecureContext);
    if (fault === 'overconstrained') keepChoices({ [kind]: undefined });
    tell(kind, 'bad', `${kind}_${fault}`);
    await listDevices();
    return;
  }
  const track = streams[kind].getTracks()[0];
  track.onended = () => tell(kind, 'bad', `${kind}_closed`);
  keepChoices({ [kind]: track.getSettings().deviceId });
  if (kind === 'camera') watchCamera();
  else watchMicrophone();
  await listDevices();
}

function watchCamera() {
  $('preview').srcObject = streams.camera;
  dark = 0;
  tell('camera', 'good', 'camera_good');
}

/** Mean brightness of the preview, 0 to 255. */
function brightness() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 9 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage($('preview'), 0, 0, 16, 9);
  const { data } = pen.getImageData(0, 0, 16, 9);
  let sum = 0;
  for (let n = 0; n < data.length; n += 4) sum += (data[n] + data[n + 1] + data[n + 2]) / 3;
  return sum / (data.length / 4);
}

function lookAtCamera() {
  if (!streams.camera?.active || !$('preview').videoWidth) return;
  dark = brightness() < DARK ? dark + 1 : 0;
  if (dark === DARK_LOOKS) tell('camera', 'bad', 'camera_black');
  else if (dark === 0 && results.camera === 'bad') tell('camera', 'good', 'camera_good');
}

async function watchMicrophone() {
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  context.createMediaStreamSource(streams.microphone).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const silence = new SilenceWatch();
  const opened = performance.now();
  tell('microphone', 'checking', 'microphone_listening');
  clearInterval(meterTimer);
  meterTimer = setInterval(() => {
    if (!streams.microphone?.active) return clearInterval(meterTimer);
    if (context.state !== 'running') {
      // Without any sound output some browsers' audio clock stands still: no level, yet a microphone.
      if (performance.now() - opened > CLOCK_MS && results.microphone === 'checking') tell('microphone', 'usable', 'microphone_unmeasured');
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    const db = loudness(samples);
    drawMeter(Math.max(0, 1 - db / METER_FLOOR_DB));
    const heard = silence.feed(db, performance.now());
    if (heard === 'heard' && results.microphone !== 'good') tell('microphone', 'good', 'microphone_good');
    if (heard === 'silent' && results.microphone !== 'bad') tell('microphone', 'bad', 'microphone_silent');
  }, METER_EVERY_MS);
}

function drawMeter(level) {
  $('meter').firstElementChild.style.setProperty('--level', level.toFixed(2));
  $('meter').setAttribute('aria-valuenow', String(Math.round(level * 100)));
}

async function listDevices() {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' };
  for (const [kind, browserKind] of Object.entries(kinds)) {
    const list = $(`${kind}-choice`);
    const devices = found.filter((device) => device.kind === browserKind && device.deviceId);
    const options = devices.map((device, n) => new Option(device.label || `${n + 1}`, device.deviceId));
    if (kind === 'speaker' && !devices.some((device) => device.deviceId === 'default')) options.unshift(new Option(text('speaker_default'), ''));
    list.replaceChildren(...options);
    const chosen = streams[kind]?.getTracks()[0].getSettings().deviceId ?? readChoices()[kind] ?? '';
    if (options.some((option) => option.value === chosen)) list.value = chosen;
    list.disabled = options.length === 0;
  }
  // Firefox and Safari may keep the outputs to themselves: nothing to choose, nothing to show.
  $('speaker-side').hidden = !('setSinkId' in HTMLMediaElement.prototype);
}

// --- speaker and connection -----------------------------------------------------------------

async function play() {
  tell('speaker', 'checking', 'speaker_ask');
  try {
    await playNotes(readChoices().speaker);
  } catch {
    tell('speaker', 'bad', 'speaker_failed');
    return;
  }
  for (const id of ['heard', 'unheard']) $(id).hidden = false;
}

function answer(heard) {
  tell('speaker', heard ? 'good' : 'bad', heard ? 'speaker_good' : 'speaker_bad');
  for (const id of ['heard', 'unheard']) $(id).hidden = true;
}

async function checkConnection() {
  for (const part of ['hub', 'media', 'relay']) tell(part, 'checking');
  const hub = probeHub().then(
    (ms) => tell('hub', 'good', 'hub_good', { ms }),
    () => tell('hub', 'bad', 'hub_bad'),
  );
  const media = probeMedia().then(
    () => tell('media', 'good', 'media_good'),
    () => tell('media', 'bad', 'media_bad'),
  );
  const relay = probeRelay().then(
    (found) => tell('relay', found === 'relay' ? 'good' : 'usable', `relay_${found}`),
    () => tell('relay', 'bad', 'relay_bad'),
  );
  await Promise.all([hub, media, relay]);
}

// --- from the first press on -----------------------------------------------------------------

$('start').addEventListener('click', async () => {
  $('start').parentElement.hidden = true;
  $('rows').hidden = false;
  context = new AudioContext(); // allowed to run by this very press
  tell('speaker', 'not_checked', 'speaker_ask');
  setInterval(lookAtCamera, 250);
  checkConnection();
  // One prompt for both, where the browser can.
  await navigator.mediaDevices?.getUserMedia({ audio: true, video: true }).then(
    (stream) => stream.getTracks().forEach((track) => track.stop()),
    () => {}, // each is asked for by itself below, and names its own fault
  );
  await open('camera');
  await open('microphone');
});

for (const kind of ['camera', 'microphone']) {
  $(`${kind}-again`).addEventListener('click', () => open(kind));
  $(`${kind}-choice`).addEventListener('change', ({ target }) => {
    keepChoices({ [kind]: target.value });
    open(kind);
  });
}
$('speaker-choice').addEventListener('change', ({ target }) => keepChoices({ speaker: target.value }));
$('play').addEventListener('click', play);
$('heard').addEventListener('click', () => answer(true));
$('unheard').addEventListener('click', () => answer(false));
$('connection-again').addEventListener('click', checkConnection);
navigator.mediaDevices?.addEventListener('devicechange', listDevices);
