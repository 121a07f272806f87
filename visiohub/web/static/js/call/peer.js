// One RTCPeerConnection of one generation: the browser offers, the kiosk answers (PROTOCOL.md §8.3).

import { CodecChoice, isAv1 } from './codec.js';
import { pictureWithin, soundWithin, UNKNOWN_LINE } from './limits.js';
import { sample } from './quality.js';
import { pictureFor, preferSturdySound } from './sdp.js';

const FRAME_RATE = 25;

/**
 * Made before it is needed, so that from "let in" to the first picture only the exchange itself
 * takes time: the certificate, both transceivers and the offer are ready; candidates are not yet
 * gathered. Both transceivers are always sendrecv: a device that comes later needs no new offer.
 */
export class Peer {
  generation = 0;
  stream = new MediaStream();
  #pc;
  #senders;
  #offer;
  #emit = () => {};
  #described = false;
  #early = [];
  #asked = null;
  #limits = UNKNOWN_LINE;
  #codecs = null;

  constructor(certificate, own) {
    this.#pc = new RTCPeerConnection(certificate ? { certificates: [certificate] } : {});
    this.#senders = {
      audio: this.#addSender('audio', own.sound, soundWithin(this.#limits)),
      video: this.#addSender('video', own.picture, { ...pictureWithin(this.#limits, null), maxFramerate: FRAME_RATE }),
    };
    this.#offer = this.#pc.createOffer();
    this.#offer.catch(() => {}); // looked at in start()
  }

  #addSender(kind, track, encoding) {
    const { sender } = this.#pc.addTransceiver(track ?? kind, { direction: 'sendrecv', sendEncodings: [encoding] });
    return sender;
  }

  /**
   * Sends the offer, then the candidates as they are found. `emit` gets machine.js events:
   * offer_made, candidate_found, peer_failed; `onTrack(track)` each far track, once its media moves
   * `onMoving()` is called.
   */
  async start(generation, iceServers, { emit, onMoving }) {
    this.generation = generation;
    this.#emit = (event) => emit({ ...event, generation });
    const pc = this.#pc;
    pc.onicecandidate = ({ candidate }) => {
      if (candidate && !candidate.candidate) return; // Firefox's own end mark; null follows
      this.#emit({
        type: 'candidate_found',
        candidate: {
          candidate: candidate?.candidate ?? '',
          sdp_mid: candidate?.sdpMid ?? null,
          sdp_m_line_index: candidate?.sdpMLineIndex ?? null,
        },
      });
    };
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'failed') this.#emit({ type: 'peer_failed' });
    };
    pc.ontrack = ({ track, receiver }) => {
      // Speech first: the shortest buffer that the line allows.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      this.stream.addTrack(track);
      track.onunmute = onMoving;
    };
    try {
      if (iceServers.length) pc.setConfiguration({ ...pc.getConfiguration(), iceServers: iceServers.map(asIceServer) });
      const offer = await this.#offer;
      const applied = pc.setLocalDescription(offer);
      this.#emit({ type: 'offer_made', sdp: offer.sdp });
      await applied;
    } catch (error) {
      this.#fail('offer', error);
    }
  }

  async answer(sdp) {
    try {
      await this.#pc.setRemoteDescription({ type: 'answer', sdp: preferSturdySound(sdp) });
      this.#described = true;
      for (const candidate of this.#early.splice(0)) await this.addCandidate(candidate);
      this.#asked = pictureFor(sdp);
      this.#codecs = new CodecChoice(this.#senders.video.getParameters().codecs ?? []);
      await this.#fit();
    } catch (error) {
      this.#fail('answer', error);
    }
  }

  async addCandidate(candidate) {
    if (!this.#described) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.#pc.addIceCandidate(candidate.candidate ? candidate : { candidate: '', sdpMid: candidate.sdpMid ?? '0' });
    } catch (error) {
      // One unusable candidate (an address family we lack) leaves the others.
      console.info('candidate not taken', error.name);
    }
  }

  /** Puts the present devices on the wire; no new offer is needed. */
  setTracks(own) {
    for (const [kind, track] of [['audio', own.sound], ['video', own.picture]]) {
      const sender = this.#senders[kind];
      if (sender.track !== track) sender.replaceTrack(track).catch((error) => console.info('track not replaced', error.name));
    }
  }

  /** What the hub gives sound and picture of the venue's line, as limits.js has it. */
  async limit(limits) {
    this.#limits = limits;
    if (this.#described) await this.#fit();
  }

  /** Small enough from the first picture on: the browser would find out only after seconds of queue. */
  async #fit() {
    await Promise.all([
      this.#encode('audio', soundWithin(this.#limits)),
      this.#encode('video', pictureWithin(this.#limits, this.#asked)),
    ]);
  }

  async #encode(kind, wanted) {
    const parameters = this.#senders[kind].getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, wanted);
    await this.#senders[kind].setParameters(parameters).catch((error) => console.info(`${kind} not fitted`, error.name));
  }

  /** quality.js sample of this moment; the picture's codec follows what it says of the line. */
  async sample() {
    const report = await this.#pc.getStats();
    const taken = sample([...report.values()], Date.now());
    const codec = this.#codecs?.feed({ rate: this.#pictureRate(taken.outgoing), busy: taken.sent.video.limitedBy === 'cpu' }, taken.now);
    if (codec) await this.#useCodec(codec);
    return taken;
  }

  /** What the line has for the picture, bit/s; null where the browser does not say (Firefox 153). */
  #pictureRate(outgoing) {
    if (outgoing === null) return null;
    return Math.min(outgoing - soundWithin(this.#limits).maxBitrate, this.#asked?.maxBitrate ?? Infinity, this.#limits.picture);
  }

  /** In mid-call, without an offer, then the size that suits it; a browser without encodings[].codec passes over both. */
  async #useCodec(codec) {
    const { mimeType, clockRate, channels, sdpFmtpLine } = codec;
    await this.#encode('video', { codec: { mimeType, clockRate, channels, sdpFmtpLine } });
    const taken = this.#senders.video.getParameters().encodings[0]?.codec?.mimeType;
    if (taken?.toLowerCase() !== mimeType.toLowerCase()) return;
    this.#asked = { ...this.#asked, codec: isAv1(codec) ? 'AV1' : 'other' };
    await this.#encode('video', pictureWithin(this.#limits, this.#asked));
  }

  close() {
    this.#emit = () => {};
    this.#pc.onicecandidate = this.#pc.onconnectionstatechange = this.#pc.ontrack = null;
    this.#pc.close();
  }

  #fail(what, error) {
    if (this.#pc.signalingState === 'closed') return;
    console.warn(`${what} failed`, error);
    this.#emit({ type: 'peer_failed' });
  }
}

/** RTCIceServer dislikes null credentials. */
function asIceServer({ urls, username, credential }) {
  return username ? { urls, username, credential } : { urls };
}
