/**
 * Pieces of work that several threads take from one counter: kernels over one record. The counter lies in the memory that
 * all of them see, so neither needs its event loop while it works, and a thread that gets no processor holds nobody up but
 * for the one piece it has begun.
 */

/** Words of the counter of a piece of work. */
const Counter = {
  /** the next piece that nobody has taken */
  Next: 0,
  /** pieces that are done */
  Done: 1,
  /** 1: a thread failed */
  Failed: 2,
  words: 3,
} as const

export const counterWords = Counter.words

/** What another thread is sent. Addresses are those of the shared memory. */
export interface PieceTask {
  readonly kind: 'pieces'
  readonly kernel: string
  readonly record: number
  readonly count: number
  /** Counter */
  readonly counter: Int32Array
}

/** Takes pieces until there are none left. */
export function takePieces({ counter, count, record }: PieceTask, run: (record: number, piece: number) => void): void {
  let done = 0
  try {
    for (;;) {
      const piece = Atomics.add(counter, Counter.Next, 1)
      if (piece >= count) break
      run(record, piece)
      done++
    }
  } catch (error) {
    Atomics.store(counter, Counter.Failed, 1)
    throw error
  } finally {
    Atomics.add(counter, Counter.Done, done)
    Atomics.notify(counter, Counter.Done)
  }
}

/** Returns when every piece is done. False: a thread failed at one. */
export function awaitPieces({ counter, count }: PieceTask): boolean {
  for (;;) {
    const done = Atomics.load(counter, Counter.Done)
    if (Atomics.load(counter, Counter.Failed) !== 0) return false
    if (done >= count) return true
    Atomics.wait(counter, Counter.Done, done)
  }
}
