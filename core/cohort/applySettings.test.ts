import { describe, expect, it } from "vitest";
import { applySettings } from "./applySettings.ts";
import { pairFiles } from "./pairFiles.ts";
import { areDefault, noSettings, parseSettings, settingsOfText } from "./settings.ts";

const listed = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1 }));
const plain = pairFiles(
  listed("images/a.nii", "images/b.nii", "labels/a.nii", "labels/b.nii", "other/c.nii"),
);
const channels = pairFiles(listed("imagesTr/x_0000.nii", "imagesTr/x_0001.nii", "labelsTr/x.nii"));

describe("applySettings", () => {
  it("changes nothing without settings", () => {
    expect(applySettings(plain, noSettings)).toEqual(plain);
    expect(areDefault(noSettings)).toBe(true);
    expect(areDefault(parseSettings({ cases: { a: {} } }))).toBe(true);
  });

  it("gives a mask to another case and takes it from its own", () => {
    const settings = parseSettings({ cases: { a: { mask: "labels/b.nii" } } });
    const { pairs } = applySettings(plain, settings);
    expect(pairs.map(({ id, mask }) => [id, mask])).toEqual([
      ["a", "labels/b.nii"],
      ["b", null],
    ]);
  });

  it("leaves cases out, changes patients, planes and volumes", () => {
    const settings = parseSettings({
      plane: "coronal",
      cases: { a: { excluded: true, patient: "P7" }, b: { plane: "sagittal", volume: 2 } },
    });
    const [a, b] = applySettings(plain, settings).pairs;
    expect(a).toMatchObject({ excluded: true, patient: "P7", plane: "coronal" });
    expect(b).toMatchObject({ plane: "sagittal", volume: 2, patient: "b" });
    expect(b?.excluded).toBeUndefined();
  });

  it("takes the channel that was chosen, and says no longer that none was", () => {
    expect(channels.problems.map(({ message }) => message).join()).toContain("2 channels");
    const { pairs, problems } = applySettings(channels, parseSettings({ volume: 1 }));
    expect(pairs[0]).toMatchObject({ id: "x", image: "imagesTr/x_0001.nii", volume: 1 });
    expect(problems).toEqual([]);
  });

  it("adds cases of images that pairing left over", () => {
    const settings = parseSettings({ added: [{ image: "other/c.nii", mask: "labels/a.nii" }] });
    const { pairs } = applySettings(plain, settings);
    expect(pairs.at(-1)).toMatchObject({ id: "other/c", mask: "labels/a.nii" });
  });

  it("says what of the settings is no longer there", () => {
    const settings = parseSettings({
      cases: { gone: { excluded: true }, a: { mask: "labels/none.nii" } },
      added: [{ image: "none.nii", mask: null }],
    });
    const { pairs, problems } = applySettings(plain, settings);
    expect(pairs.find(({ id }) => id === "a")?.mask).toBeNull();
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        "an added case has an image that is not among the files: none.nii",
        "settings change cases that are not there: gone",
        "the mask chosen for a is not among the files: labels/none.nii",
      ]),
    );
  });
});

describe("settingsOfText", () => {
  it("reads what it is given and fills in the rest", () => {
    const settings = settingsOfText('{"preprocessing": {"spacing": [null, 1, 1]}}');
    expect(settings).toEqual({
      ...noSettings,
      preprocessing: { spacing: [null, 1, 1] },
    });
    expect(areDefault(settings)).toBe(false);
  });

  it.each([
    ["{", /^cohort.json must be JSON/],
    ['{"plane": "oblique"}', /plane must be one of axial, coronal, sagittal, got "oblique"/],
    ['{"preprocessing": {"spacing": [0, 1, 1]}}', /three spacings in mm .* got 0/],
    ['{"preprocessing": {"size": [1.5, 1, 1]}}', /three counts of voxels .* got 1.5/],
    [
      '{"preprocessing": {"intensity": {"kind": "window", "low": 5, "high": 5}}}',
      /must be a window whose low value is below its high value/,
    ],
    ['{"preprocessing": {"intensity": {"kind": "log"}}}', /must be zScore, none, window or perc/],
  ])("refuses %s in words", (text, words) => {
    expect(() => settingsOfText(text)).toThrow(words);
  });
});

describe("nnU-Net's ignore label", () => {
  it("is no label of its own", () => {
    const texts = { datasetJson: '{"labels": {"background": 0, "liver": 1, "ignore": 2}}' };
    const found = pairFiles(listed("imagesTr/x.nii", "labelsTr/x.nii"), texts);
    expect(found.labelNames).toEqual({ 1: "liver" });
    expect(found.ignoreLabel).toBe(2);
  });
});
