import { useEffect, useState } from "preact/hooks";

/** A value that pages can watch; the few facts that the whole application shares live in these. */
export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function makeStore<T>(value: T): Store<T> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      // Nobody hears of what is as it was: a listener may well be about to set it again.
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  const drawn = store.get();
  useEffect(() => {
    // The value may have changed after drawing and before anyone listened.
    if (store.get() !== drawn) redraw({});
    return store.subscribe(() => redraw({}));
  }, [store]);
  return drawn;
}
