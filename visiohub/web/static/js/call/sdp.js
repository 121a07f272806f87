// What we change in an answer and what we read out of it, pure. RFC 7587 §6.1: the answerer's fmtp
// says what the answerer likes to receive; every Opus decoder takes in-band FEC.

const OPUS_RATE = 32000; // bit/s; speech on a thin line

/** The answer with Opus asked for with in-band FEC, at a modest rate, unless it says so itself. */
export function preferSturdySound(sdp) {
  const payload = /^a=rtpmap:(\d+) opus\/48000\/2\s*$/im.exec(sdp)?.[1];
  if (!payload) return sdp;
  const fmtp = new RegExp(`^a=fmtp:${payload} (.*?)(\\r?)$`, 'm');
  const wanted = { useinbandfec: '1', maxaveragebitrate: String(OPUS_RATE) };
  const merge = (said) => {
    const missing = Object.entries(wanted).filter(([name]) => !said.includes(`${name}=`));
    return [said, ...missing.map(([name, value]) => `${name}=${value}`)].filter(Boolean).join(';');
  };
  if (fmtp.test(sdp)) return sdp.replace(fmtp, (_line, said, end) => `a=fmtp:${payload} ${merge(said)}${end}`);
  return sdp.replace(
    new RegExp(`^(a=rtpmap:${payload} .*?)(\\r?\\n)`, 'm'),
    (_line, map, end) => `${map}${end}a=fmtp:${payload} ${merge('')}${end}`,
  );
}

/**
 * What the answer says of the picture: `maxBitrate`, the most that the far end takes in this call by its
 * b=TIAS (RFC 3890), bit/s; 0: no picture fits beside the sound, Infinity: it names none. `codec` is its
 * first, which the browser will send: 'AV1' or 'other'.
 */
export function pictureFor(sdp) {
  const section = sdp.split(/^m=/m).find((part) => part.startsWith('video')) ?? '';
  const named = /^b=TIAS:(\d+)/m.exec(section)?.[1];
  const first = /^video \d+ \S+ (\d+)/.exec(section)?.[1];
  const isAv1 = new RegExp(`^a=rtpmap:${first} AV1/`, 'im').test(section);
  return { maxBitrate: named === undefined ? Infinity : Number(named), codec: isAv1 ? 'AV1' : 'other' };
}
