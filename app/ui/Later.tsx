import { type ReactNode, startTransition, useEffect, useState } from "react";

/** Milliseconds between two parts: about a frame, so that each is laid out in a task of its own. */
const TURN = 16;

interface LaterProps {
  /** 1 for what follows first. */
  readonly turn: number;
  readonly children: ReactNode;
}

/**
 * A part of a page that is drawn shortly after the rest: a whole page at once would hold the
 * main thread for longer than a click may wait.
 */
export function Later({ turn, children }: LaterProps) {
  const [isDue, setIsDue] = useState(false);
  useEffect(() => {
    // A timer, not a frame: a page in the background has no frames.
    const timer = setTimeout(() => startTransition(() => setIsDue(true)), turn * TURN);
    return () => clearTimeout(timer);
  }, [turn]);
  return isDue ? children : null;
}
