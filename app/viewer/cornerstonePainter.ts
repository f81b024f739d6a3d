import * as cornerstone from "@cornerstonejs/core";
import type { MaskVoxels } from "#core/view/maskSource.ts";
import type { Grid } from "#core/volume/grid.ts";
import type { ColourTable } from "./layerLooks.ts";
import type { DrawnLayer, Painter, PaneView } from "./stage.ts";
import { displayCamera } from "./toCornerstone.ts";

/** Volumes in cornerstone's cache. */
export interface Volumes {
  readonly grid: Grid;
  readonly imageId: string;
  maskId(mask: MaskVoxels): string;
  /** Resizing one pane clears the others. */
  repaintOthers(but: CornerstonePainter): void;
  forget(painter: CornerstonePainter): void;
}

/** The part of a drawn volume that is used here. */
interface VolumeActor {
  setVisibility(isVisible: boolean): boolean;
  getProperty(): {
    getRGBTransferFunction(component: number): ColourFunction;
    getScalarOpacity(component: number): OpacityFunction;
    setInterpolationTypeToNearest(): boolean;
  };
}
interface ColourFunction {
  removeAllPoints(): void;
  addRGBPoint(value: number, red: number, green: number, blue: number): number;
  setMappingRange(lower: number, upper: number): boolean;
}
interface OpacityFunction {
  removeAllPoints(): void;
  addPoint(value: number, opacity: number): number;
}

/** One pane: a viewport of cornerstone. */
export class CornerstonePainter implements Painter {
  readonly #volumes: Volumes;
  readonly #engine: cornerstone.RenderingEngine;
  readonly #id: string;
  /** Masks that the viewport has, with what they look like. */
  readonly #added = new Map<string, { table: ColourTable; opacity: number }>();
  #size = "";
  #wanted: PaneView | null = null;
  #latest: PaneView | null = null;
  #isBusy = false;
  #isGone = false;
  readonly #ready: Promise<void>;

  constructor(
    volumes: Volumes,
    engine: cornerstone.RenderingEngine,
    host: HTMLElement,
    id: string,
  ) {
    this.#volumes = volumes;
    this.#engine = engine;
    this.#id = id;
    engine.enableElement({
      viewportId: id,
      element: host as HTMLDivElement,
      type: cornerstone.Enums.ViewportType.ORTHOGRAPHIC,
      defaultOptions: {
        orientation: cornerstone.Enums.OrientationAxis.AXIAL,
        background: [0, 0, 0],
      },
    });
    this.#ready = this.#viewport().setVolumes([{ volumeId: volumes.imageId }]);
  }

  paint(view: PaneView): void {
    this.#latest = view;
    this.#wanted = view;
    if (!this.#isBusy) void this.#work();
  }

  repaint(): void {
    if (this.#latest) this.paint(this.#latest);
  }

  dispose(): void {
    this.#volumes.forget(this);
    this.#isGone = true;
    if (!this.#engine.hasBeenDestroyed) this.#engine.disableElement(this.#id);
  }

  #viewport(): cornerstone.Types.IVolumeViewport {
    return this.#engine.getViewport(this.#id) as cornerstone.Types.IVolumeViewport;
  }

  /** Draws the latest view; those that came while it was busy are skipped. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    await this.#ready;
    while (this.#wanted && !this.#isGone) {
      const view = this.#wanted;
      this.#wanted = null;
      await this.#addMasks(view.layers);
      if (!this.#isGone) this.#draw(view);
    }
    this.#isBusy = false;
  }

  async #addMasks(layers: readonly DrawnLayer[]): Promise<void> {
    const ids = layers.map(({ mask }) => this.#volumes.maskId(mask));
    const missing = ids.filter((id) => !this.#added.has(id));
    if (missing.length === 0) return;
    await this.#viewport().addVolumes(
      missing.map((volumeId) => ({
        volumeId,
        actorUID: volumeId,
        visibility: true,
        // The opacity of a mask is that of one slice, however thick it is.
        blendMode: cornerstone.Enums.BlendModes.MAXIMUM_INTENSITY_BLEND,
      })),
    );
    for (const id of missing) {
      this.#actor(id).getProperty().setInterpolationTypeToNearest();
      this.#added.set(id, { table: new Uint8ClampedArray(0), opacity: -1 });
    }
  }

  #actor(id: string): VolumeActor {
    return this.#viewport().getActor(id).actor as unknown as VolumeActor;
  }

  #draw({ axes, slice, size, projection, window, layers }: PaneView): void {
    const viewport = this.#viewport();
    const edges = `${size.width} ${size.height}`;
    if (edges !== this.#size) {
      this.#size = edges;
      this.#engine.resize(true, true);
      this.#volumes.repaintOthers(this);
    }
    viewport.setProperties({ voiRange: window }, this.#volumes.imageId, true);
    this.#colour(layers);
    const camera = displayCamera(this.#volumes.grid, axes, slice, size, projection);
    viewport.setCamera({ ...camera, parallelProjection: true });
    viewport.render();
  }

  #colour(layers: readonly DrawnLayer[]): void {
    const shown = new Map(layers.map((layer) => [this.#volumes.maskId(layer.mask), layer]));
    for (const [id, drawn] of this.#added) {
      const layer = shown.get(id);
      const actor = this.#actor(id);
      actor.setVisibility(layer !== undefined && layer.opacity > 0);
      if (!layer || (layer.table === drawn.table && layer.opacity === drawn.opacity)) continue;
      this.#added.set(id, { table: layer.table, opacity: layer.opacity });
      const property = actor.getProperty();
      setColours(property.getRGBTransferFunction(0), layer);
      const opacity = property.getScalarOpacity(0);
      opacity.removeAllPoints();
      opacity.addPoint(-0.5, 0);
      opacity.addPoint(0.5, 0);
      opacity.addPoint(0.501, layer.opacity);
      opacity.addPoint(layer.last + 0.5, layer.opacity);
    }
  }
}

/** A step for each value; few values, since the graphics processor keeps few colours. */
function setColours(colours: ColourFunction, { table, last }: DrawnLayer): void {
  colours.removeAllPoints();
  for (let value = 0; value <= last; value++) {
    const at = value * 4;
    const part = (channel: number) => (table[at + channel] as number) / 255;
    colours.addRGBPoint(value - 0.5, part(0), part(1), part(2));
    colours.addRGBPoint(value + 0.499, part(0), part(1), part(2));
  }
  colours.setMappingRange(-0.5, last + 0.5);
}
