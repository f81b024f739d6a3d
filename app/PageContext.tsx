import { createContext, type ReactNode, use } from "react";
import { useStore } from "zustand";
import type { Actions } from "./actions/actions.ts";
import type { AppState } from "./store/state.ts";
import type { AppStore } from "./store/store.ts";

/** What every component may reach: the state to read, the actions to change it. */
export interface Page {
  readonly store: AppStore;
  readonly actions: Actions;
}

const PageContext = createContext<Page | null>(null);

/** Gives the page to everything inside. */
export function PageProvider({ page, children }: { page: Page; children: ReactNode }) {
  return <PageContext value={page}>{children}</PageContext>;
}

function usePage(): Page {
  const page = use(PageContext);
  if (!page) throw new Error("a component of the page stands outside PageProvider");
  return page;
}

/** A part of the state; the component renders again when it changes. */
export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(usePage().store, selector);
}

/** What a click does. */
export function useActions(): Actions {
  return usePage().actions;
}
