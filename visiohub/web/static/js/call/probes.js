// The measurements of the pre-check; every wait has its limit.

import { Wire, tabId, wireUrl } from '../wire.js';

const LIMIT_MS = 6000;
const START_MS = 2500;

const within = (promise, ms = LIMIT_MS) =>
  Promise.race([promise, new Promise((_resolve, reject) => setTimeout(() => reject(new Error('late')), ms))]);

/** Opens the wire as a call would; resolves with the hub's round trip in ms, rejects when it fails. */
export async function probeHub() {
  const wire = new Wire(wireUrl(), tabId());
  try {
    await within(new Promise((resolve, reject) => {
      wire.addEventListener('open', resolve);
      wire.addEventListener('over', reject);
    }));
    const from = performance.now();
    const answer = await within(fetch('/healthz', { cache: 'no-store' }));
    if (!answer.ok) throw new Error('unhealthy');
    return Math.max(1, Math.round(performance.now() - from));
  } finally {
    wire.close();
  }
}

/** Two RTCPeerConnections of this page talk to each other: the browser can hold a call. */
export async function probeMedia() {
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate).catch(() => {});
    other.onicecandidate = ({ candidate }) => candidate && one.addIceCandidate(candidate).catch(() => {});
    const open = new Promise((resolve) => (one.createDataChannel('check').onopen = resolve));
    await one.setLocalDescription();
    await other.setRemoteDescription(one.localDescription);
    await other.setLocalDescription();
    await one.setRemoteDescription(other.localDescription);
    await within(open);
  } finally {
    one.close();
    other.close();
  }
}

/** 'none' (nothing is set), 'relay', 'direct' (STUN answers, no TURN is set); rejects otherwise. */
export async function probeRelay() {
  const answer = await within(fetch('/agent/check/servers', { cache: 'no-store' }));
  if (!answer.ok) throw new Error('no servers');
  const iceServers = await answer.json();
  if (!iceServers.length) return 'none';
  const relays = iceServers.some(({ urls }) => urls.some((url) => url.startsWith('turn')));
  const peer = new RTCPeerConnection({ iceServers });
  try {
    const found = new Promise((resolve) => {
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === 'relay') resolve('relay');
        if (candidate?.type === 'srflx' && !relays) resolve('direct');
      };
    });
    peer.createDataChannel('check');
    await peer.setLocalDescription();
    return await within(found);
  } finally {
    peer.close();
  }
}

/** Three notes on the chosen output; resolves when they are over, rejects when they cannot play. */
export async function playNotes(speaker) {
  const context = new AudioContext();
  const target = context.createMediaStreamDestination();
  const player = new Audio();
  player.srcObject = target.stream;
  try {
    if (speaker && player.setSinkId) await player.setSinkId(speaker);
    await within(context.resume(), START_MS); // never resumes where the computer has no output at all
    await within(player.play(), START_MS);
    [523.25, 659.25, 783.99].forEach((frequency, n) => note(context, target, frequency, context.currentTime + 0.1 + n * 0.4));
    await new Promise((resolve) => setTimeout(resolve, 1500));
  } finally {
    player.srcObject = null;
    await context.close();
  }
}

function note(context, target, frequency, at) {
  const tone = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setTargetAtTime(0.3, at, 0.02);
  gain.gain.setTargetAtTime(0, at + 0.25, 0.05);
  tone.connect(gain).connect(target);
  tone.start(at);
  tone.stop(at + 0.6);
}
