// Reads the marks of kiosk/devices/frame_number.py and tone.py in a page: `lens.*`.
// All instants are ms since 1970.
window.lens ??= (() => {
  const now = () => performance.timeOrigin + performance.now();
  const canvas = document.createElement('canvas');
  canvas.width = 160;
  canvas.height = 16;
  const pen = canvas.getContext('2d', { willReadFrequently: true });

  // {number, sync} of a <video> or <canvas>; number is null when there is none for sure.
  function look(source) {
    const width = source.videoWidth ?? source.width;
    const height = source.videoHeight ?? source.height;
    // the middle half of the strip above, the middle half of the sync square below
    pen.drawImage(source, 0, (height * 45) / 48, width, height / 24, 0, 0, 160, 8);
    pen.drawImage(source, width / 40, height / 40, width / 20, height / 20, 0, 8, 8, 8);
    const { data } = pen.getImageData(0, 0, 160, 16);
    const mean = (left, top, columns, rows) => {
      let sum = 0;
      for (let y = top; y < top + rows; y++) {
        for (let x = left; x < left + columns; x++) {
          const i = 4 * (y * 160 + x);
          sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
        }
      }
      return sum / (columns * rows);
    };
    const levels = Array.from({ length: 20 }, (_, i) => mean(i * 8 + 2, 1, 4, 6));
    const [white, black] = levels;
    const sync = mean(1, 9, 6, 6) > 128;
    if (white - black < 60) return { number: null, sync };
    const shares = levels.map((level) => (level - black) / (white - black));
    const cells = shares.map((share) => share > 0.5);
    const bits = cells.slice(2, 18);
    const odd = bits.filter(Boolean).length % 2 === 1;
    const sure = !shares.some((share) => share > 0.3 && share < 0.7) && cells[18] === odd && cells[19] !== odd;
    return { number: sure ? bits.reduce((n, bit) => n * 2 + bit, 0) : null, sync };
  }

  // By name: `seen`, every new picture as [at, number, sync]; `heard`, every 10 ms what
  // there is to hear as [at, share of 440 Hz, share of 1000 Hz, energy].
  const notes = {};
  const of = (name) => (notes[name] ??= { seen: [], heard: [] });
  const add = (list, entry) => {
    list.push(entry);
    if (list.length > 6000) list.splice(0, 2000);
  };

  const watched = new WeakSet();
  function watch(name, source) {
    if (!source || watched.has(source)) return;
    watched.add(source);
    const take = () => {
      const found = look(source);
      add(of(name).seen, [now(), found.number, found.sync]);
    };
    if (source.requestVideoFrameCallback) {
      const next = () => {
        take();
        source.requestVideoFrameCallback(next);
      };
      source.requestVideoFrameCallback(next);
    } else {
      new MutationObserver(take).observe(source, { attributes: true, attributeFilter: ['data-pictures'] });
    }
  }

  function share(samples, hz, rate) {
    let re = 0;
    let im = 0;
    let energy = 0;
    for (let i = 0; i < samples.length; i++) {
      re += samples[i] * Math.cos((2 * Math.PI * hz * i) / rate);
      im += samples[i] * Math.sin((2 * Math.PI * hz * i) / rate);
      energy += samples[i] * samples[i];
    }
    return energy ? (2 * (re * re + im * im)) / samples.length / energy : 0;
  }

  let context = null;
  function listen(name, stream) {
    context ??= new AudioContext();
    context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const last = samples.subarray(samples.length - Math.round(context.sampleRate / 100));
      const energy = last.reduce((sum, sample) => sum + sample * sample, 0);
      add(of(name).heard, [now() - 5, share(last, 440, context.sampleRate), share(last, 1000, context.sampleRate), energy]);
    }, 10);
  }

  function clear() {
    for (const name of Object.keys(notes)) notes[name] = { seen: [], heard: [] };
  }

  return { look, watch, listen, of, clear };
})();
