import { messageOf } from "#core/errors.ts";
import { isAbort } from "#workers/client.ts";
import { noticeAdded, noticeDismissed } from "../store/noticesSlice.ts";
import type { Notice } from "../store/state.ts";
import type { AppContext } from "./appContext.ts";

/** Shows a message until it is dismissed. */
export function notify({ store }: AppContext, kind: Notice["kind"], text: string): void {
  store.setState((state) => noticeAdded(state, kind, text));
}

/** Shows what went wrong; what was stopped on purpose is no error. */
export function notifyError(app: AppContext, error: unknown): void {
  if (!isAbort(error)) notify(app, "error", sentenceOf(messageOf(error)));
}

export function dismissNotice({ store }: AppContext, id: number): void {
  store.setState((state) => noticeDismissed(state, id));
}

/** Messages start in lower case so that they can be joined; alone they are sentences. */
export function sentenceOf(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
