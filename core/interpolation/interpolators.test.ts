import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import { neverStopped, openGate } from "../context.ts";
import { seededRandom } from "../random.ts";
import type { Example } from "../selection/annotate.ts";
import { UNANNOTATED } from "../volume/volume.ts";
import { nearest } from "./nearest.ts";
import { none } from "./none.ts";
import { opticalFlow } from "./opticalFlow.ts";
import { blendShapes, sliceShape } from "./shapeBased.ts";
import { signedDistance } from "./signedDistance.ts";
import { signedDistanceMap } from "./signedDistanceMap.ts";

const context = { random: seededRandom(1), signal: neverStopped, gate: openGate };

const exampleOf = (
  shape: readonly [number, number, number],
  slices: ReadonlyMap<number, readonly number[]>,
): Example => {
  const size = shape[1] * shape[2];
  const classes = new Uint8Array(shape[0] * size).fill(UNANNOTATED);
  for (const [index, values] of slices) classes.set(values, index * size);
  return {
    id: "a",
    image: {
      shape,
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      voxels: new Float32Array(shape[0] * size),
    },
    known: { shape, classes },
    annotated: [...slices.keys()].sort((a, b) => a - b),
  };
};

const anyExample = fc
  .record({
    depth: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ depth, height, width }) =>
    fc
      .uniqueArray(fc.integer({ min: 0, max: depth - 1 }), { maxLength: depth })
      .chain((annotated) =>
        fc
          .tuple(
            ...annotated.map(() =>
              fc.array(fc.integer({ min: 0, max: 2 }), {
                minLength: height * width,
                maxLength: height * width,
              }),
            ),
          )
          .map((values) =>
            exampleOf(
              [depth, height, width],
              new Map(annotated.map((index, k) => [index, values[k] as number[]])),
            ),
          ),
      ),
  );

describe.each(Object.entries({ none, nearest, signedDistance, opticalFlow: opticalFlow() }))(
  "%s",
  (name, interpolator) => {
    it("keeps annotated slices as they were and leaves its input alone", async () => {
      await fc.assert(
        fc.asyncProperty(anyExample, async (example) => {
          const before = example.known.classes.slice();
          const [filled] = await interpolator([example], context);
          expect(example.known.classes).toEqual(before);
          expect(filled?.annotated).toEqual(example.annotated);
          const size = example.known.shape[1] * example.known.shape[2];
          for (const index of example.annotated) {
            expect(filled?.known.classes.subarray(index * size, (index + 1) * size)).toEqual(
              before.subarray(index * size, (index + 1) * size),
            );
          }
          const left = filled?.known.classes.includes(UNANNOTATED);
          const complete = name !== "none" && example.annotated.length > 0;
          if (complete) expect(left).toBe(false);
          else expect(filled?.known.classes).toEqual(before);
        }),
      );
    });
  },
);

describe("nearest", () => {
  it("takes the nearer slice, the lower index on ties, the outermost beyond the ends", async () => {
    const example = exampleOf(
      [7, 1, 1],
      new Map([
        [1, [1]],
        [5, [2]],
      ]),
    );
    const [filled] = await nearest([example], context);
    expect([...(filled?.known.classes ?? [])]).toEqual([1, 1, 1, 1, 2, 2, 2]);
  });
});

describe("signedDistanceMap", () => {
  it("equals brute force with anisotropic spacing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1), { minLength: 30, maxLength: 30 }),
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        (mask, dy, dx) => {
          fc.pre(mask.includes(0) && mask.includes(1));
          const map = signedDistanceMap(mask, [5, 6], [dy, dx]);
          mask.forEach((value, index) => {
            const distances = mask.flatMap((other, at) =>
              other === value
                ? []
                : [
                    Math.hypot(
                      dy * (Math.floor(at / 6) - Math.floor(index / 6)),
                      dx * ((at % 6) - (index % 6)),
                    ),
                  ],
            );
            expect(map[index]).toBeCloseTo((value ? 1 : -1) * Math.min(...distances), 9);
          });
        },
      ),
    );
  });

  it("of an empty mask is minus infinity", () => {
    expect([...signedDistanceMap([0, 0], [1, 2], [1, 1])]).toEqual([-Infinity, -Infinity]);
  });
});

interface SdfCase {
  readonly name: string;
  readonly method: string;
  readonly n: number;
  readonly spacing_yx: readonly [number, number];
  readonly zero_ties: readonly (readonly [number, number, number])[];
  readonly tensors: {
    readonly left: ReferenceTensor;
    readonly right: ReferenceTensor;
    /** Of one class. */
    readonly masks?: ReferenceTensor;
    /** Of several classes. */
    readonly labels?: ReferenceTensor;
  };
}

describe.skipIf(!hasShared)("shape-based interpolation against the reference", () => {
  const section = hasShared ? referenceSection<{ cases: SdfCase[] }>("selection") : null;
  const cases = (section?.manifest.cases ?? []).filter(({ method }) => method.startsWith("sdf"));

  it("has cases to compare", () => {
    expect(cases.length).toBeGreaterThan(9);
  });

  it.each(cases)("$name", ({ n, spacing_yx: spacing, tensors, zero_ties }) => {
    const [height, width] = tensors.left.shape as [number, number];
    const plane = [height, width] as const;
    const read = (tensor: ReferenceTensor) => section?.get(tensor) as Uint8Array;
    const left = sliceShape(read(tensors.left), plane, spacing);
    const right = sliceShape(read(tensors.right), plane, spacing);
    const masks = read((tensors.masks ?? tensors.labels) as ReferenceTensor);
    const ties = new Set(zero_ties.map(([k, y, x]) => (k * height + y) * width + x));
    let compared = 0;
    for (let k = 0; k < n; k++) {
      const blended = blendShapes(left, right, (k + 1) / (n + 1), plane, spacing);
      blended.forEach((value, index) => {
        const at = k * height * width + index;
        if (ties.has(at)) return;
        expect(value, `slice ${k}, pixel ${index}`).toBe(masks[at]);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(0.8 * masks.length);
  });
});
