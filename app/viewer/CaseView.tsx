import { lazy, Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import type { CaseViewProps } from "./caseView.ts";

const CaseViewer = lazy(() =>
  import("./CaseViewer.tsx").then((module) => ({ default: module.CaseViewer })),
);

/** The viewer, loaded when it is first shown. */
export function CaseView(props: CaseViewProps) {
  return (
    <ErrorBoundary>
      <Suspense fallback={<div className="viewerLoading">Loading the viewer</div>}>
        <CaseViewer {...props} />
      </Suspense>
    </ErrorBoundary>
  );
}
