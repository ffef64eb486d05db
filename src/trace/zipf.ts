// Ranks 1..n with probabilities in proportion to rank^-theta, by rejection-inversion (Hoermann and Derflinger, "Rejection-
// inversion to generate variates from monotone discrete distributions", 1996): exact, without a table.
//
// The hat is the integral H of x^-theta. A draw u between H(n + 1/2) and H(3/2) - 1 leads to x = H^-1(u); the rank nearest to
// x is taken if u >= H(rank + 1/2) - rank^-theta, and else another u is drawn. Logarithms and powers are made here of sums,
// products and quotients, which IEEE 754 rounds alike everywhere; those of Math may differ from one engine to the next.

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** The natural logarithm of a number above 0. */
export function ln(x: number): number {
  let m = x;
  let e = 0;
  for (; m > Math.SQRT2; e++) m /= 2;
  for (; m < Math.SQRT2 / 2; e--) m *= 2;
  const s = (m - 1) / (m + 1);
  const z = s * s;
  // 2 artanh(s), |s| < 0.172: the term left out is below 2^-53 of the sum.
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = sum * z + 1 / n;
  return e * LN2_HIGH + (2 * s * sum + e * LN2_LOW);
}

export function exp(x: number): number {
  if (x < -700) return 0;
  const k = Math.round(x / LN2_HIGH);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  let scaled = sum;
  for (let i = k; i > 0; i--) scaled *= 2;
  for (let i = k; i < 0; i++) scaled /= 2;
  return scaled;
}

/** (e^x - 1) / x, also near 0: the rounding of e^x cancels. */
function expQuotient(x: number): number {
  const u = exp(x);
  return u === 1 ? 1 : (u - 1) / (u < 1e-300 ? x : ln(u));
}

/** ln(1 + x) / x, also near 0. */
function lnQuotient(x: number): number {
  const u = 1 + x;
  return u === 1 ? 1 : ln(u) / (u - 1);
}

export class Zipf {
  readonly #top: number;
  readonly #bottom: number;
  readonly #sure: number;

  constructor(
    readonly n: number,
    readonly theta: number,
  ) {
    this.#top = this.#hat(1.5) - 1;
    this.#bottom = this.#hat(n + 0.5);
    this.#sure = 2 - this.#inverse(this.#hat(2.5) - this.#weight(2));
  }

  /** A rank; `uniform(attempt)` draws from [0, 1), another number for each attempt. */
  rank(uniform: (attempt: number) => number): number {
    for (let attempt = 0; ; attempt++) {
      const u = this.#bottom + uniform(attempt) * (this.#top - this.#bottom);
      const x = this.#inverse(u);
      const rank = Math.min(this.n, Math.max(1, Math.floor(x + 0.5)));
      // Near enough to the rank there is nothing to reject, whatever the rank.
      if (rank - x <= this.#sure || u >= this.#hat(rank + 0.5) - this.#weight(rank)) return rank;
    }
  }

  #weight(x: number): number {
    return exp(-this.theta * ln(x));
  }

  /** (x^(1 - theta) - 1) / (1 - theta), and ln x for theta 1. */
  #hat(x: number): number {
    const log = ln(x);
    return expQuotient((1 - this.theta) * log) * log;
  }

  #inverse(u: number): number {
    const t = Math.max(-1 + 2 ** -53, u * (1 - this.theta));
    return exp(lnQuotient(t) * u);
  }
}
