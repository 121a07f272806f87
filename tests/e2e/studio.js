// A camera and a microphone whose marks agree, for engines that read no files: numbers in the
// picture, and the sync square together with the other tone (kiosk/devices/frame_number.py).
// Both marks follow the sound's clock: on a busy machine that stands still at times, and the
// page's own clock does not.
() => {
  const WIDTH = 640;
  const HEIGHT = 480;
  const now = () => performance.timeOrigin + performance.now();
  let context = null;
  const marked = () => (context?.state === 'running' ? context.currentTime % 1 : (now() / 1000) % 1) < 0.1;

  function camera() {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const pen = canvas.getContext('2d');
    let last = -1;
    let lastMark = false;
    const draw = () => {
      const number = Math.floor(now() / 40) % 65536;
      const mark = marked();
      if (number === last && mark === lastMark) return;
      last = number;
      lastMark = mark;
      pen.fillStyle = '#7a7a7a';
      pen.fillRect(0, 0, WIDTH, HEIGHT);
      pen.fillStyle = mark ? '#fff' : '#000';
      pen.fillRect(0, 0, WIDTH / 10, HEIGHT / 10);
      const bits = Array.from({ length: 16 }, (_, i) => Boolean((number >> (15 - i)) & 1));
      const odd = bits.filter(Boolean).length % 2 === 1;
      [true, false, ...bits, odd, !odd].forEach((white, i) => {
        pen.fillStyle = white ? '#fff' : '#000';
        pen.fillRect((i * WIDTH) / 20, HEIGHT - HEIGHT / 12, WIDTH / 20, HEIGHT / 12);
      });
    };
    draw();
    setInterval(draw, 8);
    return canvas.captureStream().getVideoTracks()[0]; // a rate would add a wait of its own
  }

  function microphone() {
    context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 440 });
    const loud = new GainNode(context, { gain: 0.3 });
    const out = context.createMediaStreamDestination();
    tone.connect(loud).connect(out);
    tone.start();
    context.resume();
    addEventListener('pointerdown', () => context.resume(), true);
    let planned = 0;
    const plan = () => {
      for (; planned < context.currentTime + 2; planned += 1) {
        tone.frequency.setValueAtTime(1000, planned);
        tone.frequency.setValueAtTime(440, planned + 0.1);
      }
    };
    plan();
    setInterval(plan, 200);
    return out.stream.getAudioTracks()[0];
  }

  const made = (window.studio = {});
  if (!navigator.mediaDevices) return;
  const given = [];
  const unplugged = new Set();
  MediaDevices.prototype.getUserMedia = async ({ audio, video }) => {
    if ((audio && unplugged.has('audio')) || (video && unplugged.has('video'))) throw new DOMException('', 'NotFoundError');
    if (video) made.video ??= camera();
    if (audio) made.audio ??= microphone();
    const tracks = [audio && made.audio.clone(), video && made.video.clone()].filter(Boolean);
    given.push(...tracks);
    return new MediaStream(tracks);
  };
  // What a page sees of a cable that is pulled out or put in; `kind` is 'audio' or 'video'.
  made.unplug = (kind) => {
    unplugged.add(kind);
    for (const track of given) {
      if (track.kind !== kind || track.readyState === 'ended') continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  made.plug = (kind) => {
    unplugged.delete(kind);
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
}
