/** Added to every byte, so that zeros count. */
const characterOffset = 31;

/** librsync's rolling checksum over a window that grows, rolls on and shrinks. */
export class WeakSum {
  #sum = 0;
  #sums = 0;
  #length = 0;

  /** The checksum as the 32 bits of a signature. */
  get value(): number {
    return ((this.#sums << 16) | this.#sum) >>> 0;
  }

  start(window: Uint8Array): void {
    let sum = 0;
    let sums = 0;
    for (let index = 0; index < window.length; index++) {
      sum = (sum + (window[index] as number) + characterOffset) & 0xffff;
      sums = (sums + sum) & 0xffff;
    }
    this.#sum = sum;
    this.#sums = sums;
    this.#length = window.length;
  }

  /** One byte further: `out` leaves at the front, `into` comes at the end. */
  roll(out: number, into: number): void {
    this.#sum = (this.#sum + into - out) & 0xffff;
    this.#sums = (this.#sums + this.#sum - this.#length * (out + characterOffset)) & 0xffff;
  }

  /** One byte shorter at the front. */
  shrink(out: number): void {
    this.#sum = (this.#sum - out - characterOffset) & 0xffff;
    this.#sums = (this.#sums - this.#length * (out + characterOffset)) & 0xffff;
    this.#length--;
  }
}
