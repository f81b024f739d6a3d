import type { Cohort } from "#core/cohort/cohort.ts";
import { type CohortSettings, noSettings } from "#core/cohort/settings.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { downloadFile } from "../../ui/downloadFile.ts";
import { CaseEditor } from "./CaseEditor.tsx";
import { CohortRules } from "./CohortRules.tsx";
import { PreprocessingPanel } from "./PreprocessingPanel.tsx";

interface CohortToolsProps {
  readonly cohort: Cohort;
  readonly disabled: boolean;
  /** Id of the case that is being changed; null: none. */
  readonly editing: string | null;
  readonly onClose: () => void;
}

/** Corrections of a cohort and what is done to its volumes; loaded when a cohort is open. */
export function CohortTools({ cohort, disabled, editing, onClose }: CohortToolsProps) {
  const places = useApp((state) => state.places);
  const actions = useActions();
  const settings = cohort.settings ?? noSettings;
  const change = (next: CohortSettings) => void actions.editCohort(next);
  const one = cohort.cases.find(({ id }) => id === editing);
  return (
    <>
      {one ? (
        <CaseEditor
          key={one.id}
          cohort={cohort}
          one={one}
          places={places}
          disabled={disabled}
          onSave={(edit) => {
            const { [one.id]: _, ...rest } = settings.cases;
            const isEmpty = Object.keys(edit).length === 0;
            change({ ...settings, cases: isEmpty ? rest : { ...rest, [one.id]: edit } });
            onClose();
          }}
          onClose={onClose}
        />
      ) : null}
      <div className="columns" data-even>
        <PreprocessingPanel
          key={cohort.id}
          cohort={cohort}
          disabled={disabled}
          onPreview={actions.previewCase}
          onApply={(preprocessing) => change({ ...settings, preprocessing })}
        />
        <div className="column">
          <CohortRules
            cohort={cohort}
            places={places}
            disabled={disabled}
            onChange={change}
            onSaveFile={() => downloadFile(actions.exportSettings())}
          />
        </div>
      </div>
    </>
  );
}
