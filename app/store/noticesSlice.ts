import type { Change } from "./slice.ts";
import type { Notice, NoticesSlice } from "./state.ts";

export const initialNotices: NoticesSlice = { notices: [] };

/** Notices shown at most; the oldest go. */
const MAX_NOTICES = 6;

/** One more notice; a text that is shown already is not shown twice. */
export function noticeAdded(
  { notices }: NoticesSlice,
  kind: Notice["kind"],
  text: string,
): Change<NoticesSlice> {
  if (notices.some((notice) => notice.kind === kind && notice.text === text)) return {};
  const id = Math.max(0, ...notices.map((notice) => notice.id)) + 1;
  return { notices: [...notices, { id, kind, text }].slice(-MAX_NOTICES) };
}

export function noticeDismissed({ notices }: NoticesSlice, id: number): Change<NoticesSlice> {
  return { notices: notices.filter((notice) => notice.id !== id) };
}
