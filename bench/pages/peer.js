// The kiosk's part played by a browser: the same wire (signaling/protocol/PROTOCOL.md), the
// browser's own WebRTC. Whatever can be made before the call is made before the call.

const send = (message) => socket.send(JSON.stringify(message));
const octets = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const asBase64Url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

let identity;
let key;
let socket;
let own;
let certificate;
let spare;
let current = null; // {pc, described, early}
let services = [];
let pongs = new Map(); // n -> resolve
let call = null;

/** Opens devices and wire; resolves when the hub welcomed this kiosk. `given`: kiosk_id, origin, pkcs8, and the camera's constraints. */
async function begin(given) {
  identity = given;
  key = await crypto.subtle.importKey('pkcs8', octets(given.pkcs8), 'Ed25519', false, ['sign']);
  own = await navigator.mediaDevices.getUserMedia({ video: given.video ?? { width: 640, height: 480, frameRate: 25 }, audio: true });
  own.getVideoTracks()[0].contentHint = 'motion';
  document.getElementById('near').srcObject = own;
  certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
  makeSpare();
  socket = new WebSocket(`ws://${location.host}/wire`);
  await new Promise((resolve, reject) => {
    socket.onclose = () => reject(new Error('the hub closed the wire'));
    socket.onmessage = ({ data }) => receive(JSON.parse(data), resolve);
  });
}

function makeSpare() {
  spare = new RTCPeerConnection({ certificates: [certificate] });
  for (const track of own.getTracks()) spare.addTrack(track, own);
}

async function prove({ nonce }) {
  const text = `visiohub-kiosk-proof-v1\n${identity.origin}\n${identity.kiosk_id}\n${nonce}`;
  const signature = await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text));
  send({ type: 'prove', version: 1, kiosk_id: identity.kiosk_id, signature: asBase64Url(signature), software: 'peer' });
}

function receive(message, welcomed) {
  switch (message.type) {
    case 'challenge':
      return prove(message);
    case 'welcome_kiosk':
      services = message.services;
      send({ type: 'devices', devices: ['camera', 'microphone', 'speaker'].map((kind) => ({ kind, status: 'ok', name: kind, detail: '' })) });
      return welcomed();
    case 'lobby':
      services = message.services;
      return;
    case 'ping':
      return send({ type: 'pong', n: message.n });
    case 'pong':
      pongs.get(message.n)?.();
      return pongs.delete(message.n);
    case 'call_state':
      call = message.call;
      return;
    case 'offer':
      return answer(message);
    case 'candidate':
      return addCandidate(message);
    case 'ended':
      current?.pc.close();
      current = call = null;
      document.getElementById('far').srcObject = null;
      return;
    case 'error':
    case 'bye':
      console.error(JSON.stringify(message));
  }
}

async function answer({ call_id, generation, sdp, ice_servers }) {
  const pc = spare;
  const entry = (current = { pc, described: false, early: [] });
  const stream = new MediaStream();
  const far = document.getElementById('far');
  far.srcObject = stream;
  pc.onicecandidate = ({ candidate }) =>
    send({ type: 'candidate', call_id, generation, candidate: candidate?.candidate ?? '', sdp_mid: candidate?.sdpMid ?? null, sdp_m_line_index: candidate?.sdpMLineIndex ?? null });
  pc.ontrack = ({ track, receiver }) => {
    receiver.jitterBufferTarget = 0;
    stream.addTrack(track);
    track.onunmute = () => send({ type: 'media', call_id, generation, flowing: true });
  };
  if (ice_servers.length) pc.setConfiguration({ ...pc.getConfiguration(), iceServers: ice_servers.map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls })) });
  await pc.setRemoteDescription({ type: 'offer', sdp });
  const made = await pc.createAnswer();
  const applied = pc.setLocalDescription(made);
  send({ type: 'answer', call_id, generation, sdp: made.sdp });
  await applied;
  entry.described = true;
  for (const message of entry.early.splice(0)) addCandidate(message);
  makeSpare();
}

function addCandidate(message) {
  if (!current?.described) return current?.early.push(message);
  if (message.candidate) current.pc.addIceCandidate({ candidate: message.candidate, sdpMid: message.sdp_mid, sdpMLineIndex: message.sdp_m_line_index });
}

/** Like a citizen who presses a service on the first screen. */
function callService(label) {
  const service = services.find((one) => one.label === label);
  if (!service) throw new Error(`no service ${label} among ${services.map((one) => one.label)}`);
  send({ type: 'call_service', service_id: service.service_id, language: 'fr' });
}

/** Round trip of a signaling ping, in ms. */
async function roundTrip(n) {
  const began = performance.now();
  const back = new Promise((resolve) => pongs.set(n, resolve));
  send({ type: 'ping', n });
  await back;
  return performance.now() - began;
}

window.peer = { begin, callService, roundTrip, state: () => call?.state ?? 'idle' };
