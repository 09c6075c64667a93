import { useEffect, useState } from "preact/hooks";
import { logSurprise } from "../api/client";
import type { Kept } from "./packages";

export type Door = typeof import("./door");

/** What is kept of a recording on this device, and the code for it, which comes after the page and not with it. */
export function useKept(recording: string): { door: Door | null; kept: Kept | null } {
  const [door, setDoor] = useState<Door | null>(null);
  const [kept, setKept] = useState<Kept | null>(null);
  useEffect(() => {
    let stop = () => {};
    let gone = false;
    const open = async () => {
      const opened = await import("./door");
      await opened.load();
      if (gone) return;
      const look = () => setKept(opened.packages.get().find((one) => one.recording_id === recording) ?? null);
      stop = opened.packages.subscribe(look);
      look();
      setDoor(opened);
    };
    open().catch(logSurprise);
    return () => {
      gone = true;
      stop();
    };
  }, [recording]);
  return { door, kept };
}
