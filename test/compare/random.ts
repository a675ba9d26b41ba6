/** Numbers that look random and come back with the same seed, so that a failing case can be named by its seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring sequences.
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0
    for (let i = 0; i < 4; i++) this.#next()
  }

  /** 0 <= result < limit */
  below(limit: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * limit)
  }

  /** low <= result <= high */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True in `percent` of a hundred calls. */
  chance(percent: number): boolean {
    return this.below(1000) < percent * 10
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  /** One of the values, as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let rest = this.below(choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, value] of choices) {
      if (rest < weight) return value
      rest -= weight
    }
    return choices[choices.length - 1][1]
  }

  /** `count` different members in their order; all of them when there are fewer. */
  some<T>(list: readonly T[], count: number): T[] {
    const indexes = list.map((_, i) => i)
    while (indexes.length > count) indexes.splice(this.below(indexes.length), 1)
    return indexes.map(i => list[i])
  }

  /** mulberry32: 32 bits a step. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** `value`, having noted the feature it stands for. */
export function tagged<T>(tag: (feature: string) => void, feature: string, value: T): T {
  tag(feature)
  return value
}
