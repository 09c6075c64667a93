/** The work on one timeline: what is chosen, heard and changed, how it is kept, and what happens when others keep theirs. */

import type { RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../api/action";
import { get, Problem, put } from "../api/client";
import type { TimelineView } from "../api/types";
import { useWords } from "../i18n";
import { timeline } from "../i18n/vi/timeline";
import { begin, type Draft, draftOf, type History, type Mark, record, redo, same, undo, written } from "./draft";
import { useLeaveGuard } from "./leave";

export interface Desk {
  view: TimelineView;
  draft: Draft;
  chosen: Mark | undefined;
  choose: (key: number | null) => void;
  /** Changes the draft. Changes of one name that follow each other are taken back as one. */
  edit: (next: Draft, name?: string) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  /** What was just taken back or done again, for those who do not see it. */
  said: string;
  dirty: boolean;
  saving: boolean;
  error: unknown;
  /** What somebody else has kept in the meantime. */
  theirs: TimelineView | null;
  save: () => void;
  overwrite: () => void;
  takeTheirs: () => void;
  /** Seconds at which the playhead stands, and the sound that moves it. */
  position: number;
  seek: (seconds: number) => void;
  onSound: () => void;
  sound: RefObject<HTMLAudioElement | null>;
}

export function useTimelineDesk(opened: TimelineView): Desk {
  const w = useWords(timeline);
  const [view, setView] = useState(opened);
  const [history, setHistory] = useState<History>(() => begin(draftOf(opened)));
  const [kept, setKept] = useState<Draft>(history.now);
  const [theirs, setTheirs] = useState<TimelineView | null>(null);
  const [key, choose] = useState<number | null>(null);
  const [said, say] = useState("");
  const action = useAction();
  const dirty = !same(history.now, kept);
  const playhead = usePlayhead(view.duration_seconds);
  useLeaveGuard(dirty, w.leave);

  const edit = useCallback((next: Draft, name?: string) => {
    say("");
    setHistory((old) => record(old, next, name));
  }, []);
  const step = (move: (old: History) => History, words: string) => () => {
    setHistory(move);
    say(words);
  };
  const takeBack = history.past.length > 0 ? step(undo, w.undone) : null;
  const doAgain = history.future.length > 0 ? step(redo, w.redone) : null;

  /** What is on the server now is what the next saving starts from. */
  const stand = (now: TimelineView, draft: Draft) => {
    setView(now);
    setKept(draft);
    setTheirs(null);
  };
  const save = async () => {
    const draft = history.now;
    const from = theirs ?? view;
    const address = `/recordings/${view.recording_id}/timeline` as const;
    await action.run(async () => {
      try {
        const answer = await put(address, { version: from.correction?.version ?? null, cues: written(draft) });
        stand(answer, draft);
        // What the machine found may be newer than what is on the page.
        if (draft.asFound) takeOver(answer);
      } catch (error) {
        if (error instanceof Problem && error.code === "timeline-changed") setTheirs(await get(address));
        throw error;
      }
    });
  };
  const takeOver = (answer: TimelineView) => {
    const draft = draftOf(answer);
    edit(draft);
    stand(answer, draft);
    choose(null);
  };
  const takeTheirs = () => {
    action.fail(null);
    if (theirs) takeOver(theirs);
  };

  // Over somebody else's work only who says so.
  const saveWhenDirty = () => void (dirty && !theirs && !action.busy && save());
  useKeys({ undo: takeBack, redo: doAgain, save: saveWhenDirty });
  return {
    view,
    draft: history.now,
    chosen: history.now.marks.find((mark) => mark.key === key),
    choose,
    edit,
    undo: takeBack,
    redo: doAgain,
    said,
    dirty,
    saving: action.busy,
    error: action.error,
    theirs,
    save: saveWhenDirty,
    overwrite: () => void save(),
    takeTheirs,
    ...playhead,
  };
}

/** The playhead goes where the sound is; without a sound it stands where it was put. */
function usePlayhead(length: number) {
  const sound = useRef<HTMLAudioElement>(null);
  const [position, setPosition] = useState(0);
  const seek = (seconds: number) => {
    const at = Math.max(0, Math.min(seconds, length));
    if (sound.current) sound.current.currentTime = at;
    setPosition(at);
  };
  const onSound = () => sound.current && setPosition(Math.min(sound.current.currentTime, length));
  return { sound, position, seek, onSound };
}

interface Keys {
  undo: (() => void) | null;
  redo: (() => void) | null;
  save: () => void;
}

/** Ctrl+Z, Ctrl+Shift+Z or Ctrl+Y, and Ctrl+S, anywhere on the page. */
function useKeys(keys: Keys): void {
  const newest = useRef(keys);
  newest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const pressed = event.key.toLowerCase();
      const { undo: back, redo: again, save } = newest.current;
      if (pressed === "s") save();
      else if (pressed === "y" || (pressed === "z" && event.shiftKey)) again?.();
      else if (pressed === "z") back?.();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
