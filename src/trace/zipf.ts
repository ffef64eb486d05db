// Ranks 1..n with probabilities in proportion to rank^-theta, by rejection-inversion (Hoermann and Derflinger, "Rejection-
// inversion to generate variates from monotone discrete distributions", 1996): exact, without a table.
//
// The hat is the integral H of x^-theta. A draw u between H(n + 1/2) and H(3/2) - 1 leads to x = H^-1(u); the rank nearest to
// x is taken if u >= H(rank + 1/2) - rank^-theta, and else another u is drawn. Logarithms and powers are made here of sums,
// products and quotients, which IEEE 754 rounds alike everywhere; those of Math may differ from one engine to the next.

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Halves of the range of exponents first: no number takes more than a dozen steps. */
const POWERS = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].map((e) => ({ e, power: 2 ** e }));

/** Of artanh(s) / s in s^2, and of e^r, from the highest down. */
const ARTANH = Array.from({ length: 11 }, (_, i) => 1 / (21 - 2 * i));
const EXP = Array.from({ length: 15 }, (_, i) => 1 / factorial(14 - i));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

function series(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + (coefficients[i] as number);
  return sum;
}

/** The natural logarithm of a number above 0. */
export function ln(x: number): number {
  let m = x;
  let e = 0;
  if (m < 1) {
    for (const { e: more, power } of POWERS) {
      if (m * power > 2) continue;
      m *= power;
      e -= more;
    }
  } else {
    for (const { e: more, power } of POWERS) {
      if (m < power) continue;
      m /= power;
      e += more;
    }
  }
  if (m > Math.SQRT2) {
    m /= 2;
    e++;
  }
  // 2 artanh(s), |s| < 0.172: the term left out is below 2^-53 of the sum.
  const s = (m - 1) / (m + 1);
  return e * LN2_HIGH + (2 * s * series(ARTANH, s * s) + e * LN2_LOW);
}

export function exp(x: number): number {
  if (x < -700) return 0;
  const k = Math.round(x / LN2_HIGH);
  let scaled = series(EXP, x - k * LN2_HIGH - k * LN2_LOW);
  let left = Math.abs(k);
  for (const { e, power } of POWERS) {
    if (left < e) continue;
    scaled = k > 0 ? scaled * power : scaled / power;
    left -= e;
  }
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
