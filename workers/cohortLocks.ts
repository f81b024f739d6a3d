/** Which pages of this browser use which stored cohorts. */
export interface CohortLocks {
  /** Marks a cohort as used by this page until it is let go. */
  hold(cohortId: string): Promise<void>;
  /** Lets go every cohort but these. */
  letGo(but: readonly string[]): Promise<void>;
  /** Those of the cohorts that a page uses, this one included. */
  inUse(cohortIds: readonly string[]): Promise<string[]>;
  /** Does work that writes cases which no cohort lists yet. */
  reading<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Does work while no page uses the cohorts that are free, and none begins to; not at all
   * while a page reads files.
   *
   * @param work - gets those of `cohortIds` that other pages use
   */
  freeing(
    cohortIds: readonly string[],
    work: (inUse: readonly string[]) => Promise<void>,
  ): Promise<void>;
}

const READING = "slicewise reading";
const nameOf = (cohortId: string) => `slicewise cohort ${cohortId}`;

interface Held {
  readonly end: () => void;
  readonly ended: Promise<unknown>;
}

/**
 * Locks of the browser, which end with the page that holds them. Browsers without them have
 * pages that do not know of each other.
 */
export function createCohortLocks(locks: LockManager | undefined): CohortLocks {
  const held = new Map<string, Held>();

  const hold = (cohortId: string): Promise<void> => {
    if (!locks || held.has(cohortId)) return Promise.resolve();
    return new Promise((granted, refused) => {
      let end = (): void => undefined;
      const use = new Promise<void>((resolve) => {
        end = resolve;
      });
      const ended = locks
        .request(nameOf(cohortId), { mode: "shared" }, () => {
          granted();
          return use;
        })
        .catch(refused);
      held.set(cohortId, { end, ended });
    });
  };

  const whileFree = async (
    [first, ...rest]: readonly string[],
    inUse: readonly string[],
    work: (inUse: readonly string[]) => Promise<void>,
  ): Promise<void> => {
    if (!locks || first === undefined) return work(inUse);
    await locks.request(nameOf(first), { ifAvailable: true }, (lock) =>
      whileFree(rest, lock ? inUse : [...inUse, first], work),
    );
  };

  return {
    hold,
    letGo: async (but) => {
      const gone = [...held].filter(([id]) => !but.includes(id));
      for (const [id, { end }] of gone) {
        held.delete(id);
        end();
      }
      await Promise.all(gone.map(([, { ended }]) => ended));
    },
    inUse: async (cohortIds) => {
      const used: string[] = [];
      for (const id of locks ? cohortIds : []) {
        const isFree = await locks?.request(nameOf(id), { ifAvailable: true }, async (lock) =>
          Boolean(lock),
        );
        if (!isFree) used.push(id);
      }
      return used;
    },
    reading: async (work) => (locks ? locks.request(READING, { mode: "shared" }, work) : work()),
    freeing: async (cohortIds, work) => {
      if (!locks) return work([]);
      await locks.request(READING, { ifAvailable: true }, async (lock) => {
        if (lock) await whileFree(cohortIds, [], work);
      });
    },
  };
}
