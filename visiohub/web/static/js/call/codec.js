// Which codec our picture is sent in, by what the line proves to carry. Pure; the kiosk goes by the
// same limits (docs/decisions/0014): AV1 at 100 kbit/s looks like VP8 at 250 and takes several times
// the processor; from some 400 kbit/s on both look good.

const AV1_UP_TO = 250_000; // bit/s of picture
const OTHER_FROM = 400_000;
const AFTER_MS = 3000;

export const isAv1 = (codec) => /\/AV1$/i.test(codec.mimeType);

/** `agreed`: RTCRtpCodecs that the far end takes, in its order; the browser begins with the first. */
export class CodecChoice {
  #av1;
  #other;
  #current;
  #since = null;

  constructor(agreed) {
    this.#av1 = agreed.find(isAv1) ?? null;
    this.#other = agreed.find((codec) => !isAv1(codec) && !/\/(rtx|red|ulpfec|flexfec-03)$/i.test(codec.mimeType)) ?? null;
    this.#current = agreed.find((codec) => codec === this.#av1 || codec === this.#other) ?? null;
  }

  /**
   * `rate`: bit/s that the line has for the picture, null where the browser does not say; `busy`:
   * the processor holds the picture down; `now` in ms. The codec to change to, or null.
   */
  feed({ rate, busy }, now) {
    if (!this.#av1 || !this.#other) return null;
    if (busy && this.#current === this.#av1) {
      this.#av1 = null; // for the rest of the call: this processor cannot
      return this.#adopt(this.#other);
    }
    const wanted = rate === null ? this.#current : this.#wanted(rate);
    if (wanted === this.#current) {
      this.#since = null;
      return null;
    }
    this.#since ??= now;
    return now - this.#since >= AFTER_MS ? this.#adopt(wanted) : null;
  }

  #wanted(rate) {
    if (rate <= AV1_UP_TO) return this.#av1;
    return rate >= OTHER_FROM ? this.#other : this.#current;
  }

  #adopt(codec) {
    this.#current = codec;
    this.#since = null;
    return codec;
  }
}
