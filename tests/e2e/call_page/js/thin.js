// The page's own Peer with a far end in the same page, on a line that is said to be thin.

import { UNKNOWN_LINE } from '/modules/limits.js';
import { Peer } from '/modules/peer.js';

const drawn = () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
  const paint = () => canvas.getContext('2d').fillRect(Math.random() * 300, Math.random() * 160, 20, 20);
  setInterval(paint, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
};

/** The codecs that the picture was sent in, each with its height at last, in their order, within so long (ms). */
export async function picturesSent(bitrate, within) {
  const far = new RTCPeerConnection();
  const peer = new Peer(null, { sound: null, picture: drawn() });
  far.onicecandidate = ({ candidate }) =>
    candidate && peer.addCandidate({ candidate: candidate.candidate, sdp_mid: candidate.sdpMid, sdpMid: candidate.sdpMid });
  const waiting = [];
  const emit = async (event) => {
    if (event.type === 'offer_made') {
      await far.setRemoteDescription({ type: 'offer', sdp: event.sdp });
      await far.setLocalDescription();
      await peer.answer(far.localDescription.sdp);
      waiting.splice(0).forEach((candidate) => far.addIceCandidate(candidate));
    } else if (event.type === 'candidate_found' && event.candidate.candidate) {
      const candidate = { candidate: event.candidate.candidate, sdpMid: event.candidate.sdp_mid };
      if (far.remoteDescription && far.localDescription) far.addIceCandidate(candidate);
      else waiting.push(candidate);
    }
  };
  await peer.start(1, [], { emit, onMoving: () => {} });
  await peer.limit({ ...UNKNOWN_LINE, picture: bitrate });
  const seen = new Map();
  for (const end = Date.now() + within; Date.now() < end; await new Promise((done) => setTimeout(done, 250))) {
    const { videoCodec, sent } = await peer.sample();
    const report = [...(await far.getStats()).values()];
    const inbound = report.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'video');
    const codec = report.find((entry) => entry.id === inbound?.codecId)?.mimeType.split('/')[1] ?? videoCodec;
    if (sent.video.frames && codec) seen.set(codec, sent.video.height);
    if (seen.get('AV1') === 180) break;
  }
  peer.close();
  far.close();
  return [...seen];
}
