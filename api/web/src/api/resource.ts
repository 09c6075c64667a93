import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { keepSeen, recallSeen } from "../kept/seen";
import { address, get, logSurprise, NoLink } from "./client";
import type { AnswerOf, QueryOf } from "./paths";

export interface Resource<T> {
  data: T | null;
  error: unknown;
  /** When what is shown was last seen, if there is no link now and it comes from this device. */
  seenAt: string | null;
  reload: () => void;
  /** Puts a newer answer on the page, as after a change that answers with the whole thing. */
  replace: (data: T) => void;
}

interface Manner<T, Q> {
  query?: Q;
  /** Keep the last answer on this device for when there is no link. */
  keep?: boolean;
  /** Ask again after this many milliseconds, for as long as the answer says it is worth it. */
  every?: (data: T) => number | null;
}

interface State<T> {
  path: string | null;
  url: string | null;
  data: T | null;
  error: unknown;
  seenAt: string | null;
}

/** What the server answers to a GET, asked when the page opens and again when path or query change. No path: not asked. */
export function useResource<A extends string>(
  path: A | null,
  { query, keep, every }: Manner<AnswerOf<A, "get">, QueryOf<A>> = {},
): Resource<AnswerOf<A, "get">> {
  type T = AnswerOf<A, "get">;
  const url = path === null ? null : address(path, query);
  const [state, setState] = useState<State<T>>({ path, url, data: null, error: null, seenAt: null });
  const asked = useRef(0);

  const ask = useCallback(async () => {
    if (path === null || url === null) return;
    const turn = ++asked.current;
    const current = () => turn === asked.current;
    try {
      const data = await get(path, query);
      if (current()) setState({ path, url, data, error: null, seenAt: null });
      if (keep) await keepSeen(url, data);
    } catch (error) {
      const seen = keep && error instanceof NoLink ? await recallSeen<T>(url) : null;
      if (!current()) return;
      logSurprise(error);
      if (seen) setState({ path, url, data: seen.answer, error: null, seenAt: seen.at });
      // A failed repeat leaves what is on the page where it is.
      else
        setState((old) =>
          old.url === url && old.data !== null ? { ...old } : { path, url, data: null, error, seenAt: null },
        );
    }
  }, [url, keep]);

  useEffect(() => {
    void ask();
    return () => {
      asked.current++;
    };
  }, [ask]);

  // While a narrower question about the same thing is asked, the answer to the last one stays where it is.
  const data = state.path === path ? state.data : null;
  useEffect(() => {
    const pause = data !== null && every ? every(data) : null;
    if (pause === null) return;
    const timer = setTimeout(() => {
      if (!document.hidden) void ask();
      else document.addEventListener("visibilitychange", () => void ask(), { once: true });
    }, pause);
    return () => clearTimeout(timer);
  }, [state, ask]);

  return {
    data,
    error: state.url === url ? state.error : null,
    seenAt: state.url === url ? state.seenAt : null,
    reload: () => void ask(),
    replace: (next) => setState({ path, url, data: next, error: null, seenAt: null }),
  };
}
