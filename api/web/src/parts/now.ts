import { useEffect, useState } from "preact/hooks";

/** The monotonic clock in milliseconds, read anew twice a second. */
export function useNow(): number {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return now;
}
