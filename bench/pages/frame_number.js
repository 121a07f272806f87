// Reads the marks of kiosk/devices/frame_number.py in a page: `frameNumber.look`.
window.frameNumber ??= (() => {
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

  return { look };
})();
