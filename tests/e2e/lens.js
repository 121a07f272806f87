// Reads the marks of kiosk/devices/frame_number.py and tone.py in a page: `lens.*`.
// All instants are ms since 1970.
window.lens ??= (() => {
  const now = () => performance.timeOrigin + performance.now();
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 240;
  const pen = canvas.getContext('2d', { willReadFrequently: true });

  function lumas(x, y, width, height) {
    const { data } = pen.getImageData(x, y, width, height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    return sum / (data.length / 4);
  }

  // {number, sync, luma} of a <video> or <canvas>; number is null when there is none for sure.
  function look(source) {
    pen.drawImage(source, 0, 0, 320, 240);
    const levels = Array.from({ length: 20 }, (_, i) => lumas(i * 16 + 4, 225, 8, 10));
    const [white, black] = levels;
    const luma = lumas(100, 60, 120, 100);
    const sync = lumas(8, 6, 16, 12) > 128;
    if (white - black < 60) return { number: null, sync, luma };
    const shares = levels.map((level) => (level - black) / (white - black));
    const cells = shares.map((share) => share > 0.5);
    const bits = cells.slice(2, 18);
    const odd = bits.filter(Boolean).length % 2 === 1;
    const sure = !shares.some((share) => share > 0.3 && share < 0.7) && cells[18] === odd && cells[19] !== odd;
    return { number: sure ? bits.reduce((n, bit) => n * 2 + bit, 0) : null, sync, luma };
  }

  // By name: `seen`, every new picture as [at, number, sync, luma]; `heard`, every 10 ms what
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
      add(of(name).seen, [now(), found.number, found.sync, found.luma]);
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
