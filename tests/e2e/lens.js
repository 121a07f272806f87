// Notes the marks of kiosk/devices/frame_number.py and tone.py in a page: `lens.*`. After
// bench/pages/frame_number.js.
// All instants are ms since 1970.
window.lens ??= (() => {
  const now = () => performance.timeOrigin + performance.now();
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
      const found = frameNumber.look(source);
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

  return { watch, listen, of, clear };
})();
