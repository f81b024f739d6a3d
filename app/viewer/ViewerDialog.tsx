import { lazy, Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import type { CaseDialogProps } from "./CaseDialog.tsx";
import type { CaseViewProps } from "./caseView.ts";

const CaseDialog = lazy(() =>
  import("./CaseDialog.tsx").then((module) => ({ default: module.CaseDialog })),
);

interface ViewerDialogProps extends Omit<CaseDialogProps, "view"> {
  /** null: closed */
  readonly view: CaseViewProps | null;
}

/** The viewer over the whole page, loaded when it is first opened. */
export function ViewerDialog({ view, ...rest }: ViewerDialogProps) {
  if (!view) return null;
  return (
    <ErrorBoundary>
      <Suspense fallback={null}>
        <CaseDialog view={view} {...rest} />
      </Suspense>
    </ErrorBoundary>
  );
}
