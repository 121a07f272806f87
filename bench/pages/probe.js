// What one end of a measured call shows and plays, noted in its own page: `probe.*`.
// Put in before the page's scripts, after frame_number.js. All instants are ms since 1970.
window.probe ??= (() => {
  const now = () => performance.timeOrigin + performance.now();
  const NEAR_EVERY = 5; // own pictures looked at: the rest follows from the camera's pace
  const STILL_EVERY_MS = 500;
  const STATS_EVERY_MS = 1000;
  const SAID_FOR_MS = 5000; // one's own sound: the rest follows from the microphone's pace
  const THIN = 6; // 48 kHz to 8 kHz: enough to find a place in the sound again
  const notes = { near: [], far: [], stills: [], said: [], heard: [], stats: [] };
  const connections = [];
  let running = false;

  // --- pictures

  const watched = new WeakSet();
  let nearCount = 0;
  let stillAt = 0;

  function watchNear(video) {
    if (watched.has(video)) return;
    watched.add(video);
    const take = (_, { captureTime }) => {
      if (running && captureTime !== undefined && nearCount++ % NEAR_EVERY === 0) {
        const { number } = frameNumber.look(video);
        if (number !== null) notes.near.push([performance.timeOrigin + captureTime, number]);
      }
      video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  }

  function takeFar(source, at) {
    if (!running) return;
    const { number } = frameNumber.look(source);
    notes.far.push([at, number, source.videoWidth ?? source.width, source.videoHeight ?? source.height]);
    if (number === null || at - stillAt < STILL_EVERY_MS) return;
    stillAt = at;
    (source.videoWidth ? lumaOfVideo : lumaOfCanvas)(source, at, number);
  }

  function watchFar(source) {
    if (watched.has(source)) return;
    watched.add(source);
    if (source.requestVideoFrameCallback) {
      const take = () => {
        takeFar(source, now());
        source.requestVideoFrameCallback(take);
      };
      source.requestVideoFrameCallback(take);
    } else {
      // drawn between two frames of the screen, shown with the next
      const take = () => requestAnimationFrame(() => takeFar(source, now()));
      new MutationObserver(take).observe(source, { attributes: true, attributeFilter: ['data-pictures'] });
    }
  }

  async function lumaOfVideo(video, at, number) {
    const frame = new VideoFrame(video);
    const { width, height } = frame.visibleRect;
    const octets = new Uint8Array(frame.allocationSize());
    const layout = await frame.copyTo(octets);
    frame.close();
    const luma = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const start = layout[0].offset + y * layout[0].stride;
      luma.set(octets.subarray(start, start + width), y * width);
    }
    notes.stills.push({ at, number, width, height, luma });
  }

  const easel = document.createElement('canvas');
  function lumaOfCanvas(source, at, number) {
    const { width, height } = source;
    easel.width = width;
    easel.height = height;
    const pen = easel.getContext('2d', { willReadFrequently: true });
    pen.drawImage(source, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    const luma = new Uint8Array(width * height);
    // ITU-R BT.601, limited range, as the camera gave it
    for (let i = 0; i < luma.length; i++) {
      luma[i] = 16.5 + 0.256788 * data[4 * i] + 0.504129 * data[4 * i + 1] + 0.097906 * data[4 * i + 2];
    }
    notes.stills.push({ at, number, width, height, luma });
  }

  // --- sound

  async function listen(track, list, forMs = Infinity) {
    const until = () => begin.at + forMs;
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 50 }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      const at = now();
      if (done) return;
      if (running && at > until()) {
        value.close();
        track.stop();
        return;
      }
      const samples = new Float32Array(value.numberOfFrames);
      value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const thin = new Int16Array(Math.floor(samples.length / THIN));
      for (let i = 0; i < thin.length; i++) {
        let sum = 0;
        for (let j = 0; j < THIN; j++) sum += samples[i * THIN + j];
        thin[i] = Math.max(-32768, Math.min(32767, (sum / THIN) * 32768));
      }
      if (running) list.push([at, value.sampleRate, thin]);
      value.close();
    }
  }

  // --- what the page asks of the browser

  if (navigator.mediaDevices) {
    const ask = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (wanted) {
      const stream = await ask.call(this, wanted);
      for (const track of stream.getAudioTracks()) listen(track.clone(), notes.said, SAID_FOR_MS);
      return stream;
    };
    const Connection = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Connection {
      constructor(...given) {
        super(...given);
        connections.push(this);
        this.addEventListener('track', ({ track }) => {
          if (track.kind === 'audio') listen(track, notes.heard);
        });
      }
    };
  }

  async function note() {
    const connection = connections.findLast((one) => one.connectionState === 'connected');
    if (!running || !connection) return;
    const entries = [];
    for (const entry of (await connection.getStats()).values()) {
      if (['inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'candidate-pair', 'codec'].includes(entry.type)) entries.push(entry);
    }
    notes.stats.push([now(), entries]);
  }

  function begin(near, far) {
    for (const list of Object.values(notes)) list.length = 0;
    running = true;
    begin.at = now();
    if (begin.timer) return;
    begin.timer = setInterval(() => {
      const own = near && document.querySelector(near);
      const theirs = document.querySelector(far);
      if (own) watchNear(own);
      if (theirs) watchFar(theirs);
    }, 40);
    setInterval(note, STATS_EVERY_MS);
  }

  // --- handing it over

  function base64(octets) {
    let text = '';
    for (let at = 0; at < octets.length; at += 32_768) text += String.fromCharCode(...octets.subarray(at, at + 32_768));
    return btoa(text);
  }

  function sound(list) {
    const whole = new Int16Array(list.reduce((sum, [, , piece]) => sum + piece.length, 0));
    let at = 0;
    const ends = list.map(([instant, rate, piece]) => {
      whole.set(piece, at);
      at += piece.length;
      return [instant, at, rate / THIN];
    });
    return { ends, samples: base64(new Uint8Array(whole.buffer)) };
  }

  function end() {
    running = false;
    return {
      near: notes.near,
      far: notes.far,
      stills: notes.stills.map(({ luma, ...still }) => ({ ...still, luma: base64(luma) })),
      said: sound(notes.said),
      heard: sound(notes.heard),
      stats: notes.stats,
    };
  }

  return { begin, end };
})();
