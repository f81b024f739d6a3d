import { describe, expect, it } from "vitest";
import type { Pair } from "./cohort.ts";
import { cohortTextPaths, pairFiles } from "./pairFiles.ts";

const listed = (paths: readonly string[]) => paths.map((path) => ({ path, bytes: 1 }));
const short = ({ id, image, mask }: Pair) => [id, image, mask];
const words = (paths: readonly string[]) =>
  pairFiles(listed(paths)).problems.map(({ severity, message }) => `${severity}: ${message}`);

describe("pairFiles", () => {
  it.each([
    {
      name: "the Decathlon",
      layout: "nnunet-or-msd",
      paths: ["imagesTr/la_003.nii.gz", "imagesTs/la_001.nii.gz", "labelsTr/la_003.nii.gz"],
      pairs: [["la_003", "imagesTr/la_003.nii.gz", "labelsTr/la_003.nii.gz"]],
    },
    {
      name: "nnU-Net with channels",
      layout: "nnunet-or-msd",
      paths: ["Dataset1/imagesTr/a_1_0000.nii.gz", "Dataset1/labelsTr/a_1.nii.gz"],
      pairs: [["a_1", "Dataset1/imagesTr/a_1_0000.nii.gz", "Dataset1/labelsTr/a_1.nii.gz"]],
    },
    {
      name: "names in four digits that are no channels",
      layout: "nnunet-or-msd",
      paths: ["p_0001", "p_0002"].flatMap((one) => [
        `imagesTr/${one}.nii.gz`,
        `labelsTr/${one}.nii.gz`,
      ]),
      pairs: [
        ["p_0001", "imagesTr/p_0001.nii.gz", "labelsTr/p_0001.nii.gz"],
        ["p_0002", "imagesTr/p_0002.nii.gz", "labelsTr/p_0002.nii.gz"],
      ],
    },
    {
      name: "images beside labels",
      layout: "images-labels",
      paths: ["study/images/a.nii", "study/labels/a.nii.gz", "study/notes.txt"],
      pairs: [["a", "study/images/a.nii", "study/labels/a.nii.gz"]],
    },
    {
      name: "Images beside Masks with endings",
      layout: "images-labels",
      paths: ["Images/a_img.nii.gz", "Masks/a_mask.nii.gz"],
      pairs: [["a", "Images/a_img.nii.gz", "Masks/a_mask.nii.gz"]],
    },
    {
      name: "BIDS with masks under derivatives",
      layout: "bids",
      paths: [
        "dataset_description.json",
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-02/anat/sub-02_T1w.nii.gz",
        "derivatives/manual/sub-01/anat/sub-01_T1w_desc-lesion_mask.nii.gz",
        "derivatives/manual/sub-02/anat/sub-02_space-orig_dseg.nii.gz",
      ],
      pairs: [
        [
          "sub-01_T1w",
          "sub-01/anat/sub-01_T1w.nii.gz",
          "derivatives/manual/sub-01/anat/sub-01_T1w_desc-lesion_mask.nii.gz",
        ],
        [
          "sub-02_T1w",
          "sub-02/anat/sub-02_T1w.nii.gz",
          "derivatives/manual/sub-02/anat/sub-02_space-orig_dseg.nii.gz",
        ],
      ],
    },
    {
      name: "NRRD and MetaImage beside each other",
      layout: "suffixes",
      paths: ["a.nrrd", "a.seg.nrrd", "b.mha", "b_mask.mha"],
      pairs: [
        ["a", "a.nrrd", "a.seg.nrrd"],
        ["b", "b.mha", "b_mask.mha"],
      ],
    },
    ...["_seg", "_mask", "_label", "-label", "_gt", ".seg", "_segmentation", "_seg-manual"].map(
      (ending) => ({
        name: `the ending ${ending}`,
        layout: "suffixes",
        paths: ["a.nii.gz", `a${ending}.nii.gz`, "b_image.nii.gz", `b${ending}.nii.gz`],
        pairs: [
          ["a", "a.nii.gz", `a${ending}.nii.gz`],
          ["b", "b_image.nii.gz", `b${ending}.nii.gz`],
        ],
      }),
    ),
    {
      name: "a folder per patient",
      layout: "suffixes",
      paths: ["P1", "P2"].flatMap((one) => [`${one}/image.nii.gz`, `${one}/mask.nii.gz`]),
      pairs: [
        ["P1", "P1/image.nii.gz", "P1/mask.nii.gz"],
        ["P2", "P2/image.nii.gz", "P2/mask.nii.gz"],
      ],
    },
    {
      name: "a folder per patient with equal names",
      layout: "suffixes",
      paths: ["P1", "P2"].flatMap((one) => [`${one}/MR_image.nii.gz`, `${one}/MR_mask.nii.gz`]),
      pairs: [
        ["P1/MR", "P1/MR_image.nii.gz", "P1/MR_mask.nii.gz"],
        ["P2/MR", "P2/MR_image.nii.gz", "P2/MR_mask.nii.gz"],
      ],
    },
    {
      name: "a mask with the only image whose name goes on",
      layout: "suffixes",
      paths: ["a_t1.nii.gz", "a_seg.nii.gz", "P/flair.nii.gz", "P/mask.nii.gz"],
      pairs: [
        ["a_t1", "a_t1.nii.gz", "a_seg.nii.gz"],
        ["flair", "P/flair.nii.gz", "P/mask.nii.gz"],
      ],
    },
  ])("pairs $name", ({ layout, paths, pairs }) => {
    const pairing = pairFiles(listed(paths));
    expect(pairing.layout).toBe(layout);
    expect(pairing.pairs.map(short)).toEqual(pairs);
    expect(pairing.problems).toEqual([]);
    expect(pairing.pairs.map(({ patient }) => patient)).toEqual(pairs.map(([id]) => id));
  });

  it("does not see hidden files", () => {
    const paths = ["imagesTr/._a.nii.gz", "imagesTr/a.nii.gz", "labelsTr/a.nii.gz", ".DS_Store"];
    const hidden = ["labelsTr/._a.nii.gz", "__MACOSX/imagesTr/a.nii.gz", ".git/x.nii"];
    const { pairs, problems } = pairFiles(listed([...paths, ...hidden]));
    expect(pairs).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it.each([
    {
      name: "an empty folder",
      paths: [],
      expected: ["error: the folder is empty; choose one with images and masks"],
    },
    {
      name: "no NIfTI",
      paths: ["a.dcm", "b.txt"],
      expected: [
        "error: no NIfTI file (.nii, .nii.gz), NRRD (.nrrd) or MetaImage (.mha) among 2 files; " +
          "choose a folder with images and masks",
      ],
    },
    {
      name: "two masks for one image",
      paths: ["a.nii.gz", "a_seg.nii.gz", "a_mask.nii.gz"],
      expected: ["error: two masks for one image (a_mask.nii.gz, a_seg.nii.gz); keep one of them"],
    },
    {
      name: "two images for one case",
      paths: ["images/a.nii", "images/a.nii.gz", "labels/a.nii.gz"],
      expected: ["error: 2 images for one case (images/a.nii, images/a.nii.gz); keep one of them"],
    },
    {
      name: "a mask without image",
      paths: ["a.nii.gz", "a_seg.nii.gz", "b_seg.nii.gz"],
      expected: ["error: mask without an image; add the image or rename one of them"],
    },
    {
      name: "a mask that could belong to several",
      paths: ["a_adc.nii.gz", "a_dwi.nii.gz", "a_msk.nii.gz"],
      expected: [
        "warning: image without a mask: it can be planned for, but not learned from",
        "warning: image without a mask: it can be planned for, but not learned from",
        "error: mask could belong to a_adc.nii.gz, a_dwi.nii.gz; " +
          "leave one of them or rename the mask",
        "warning: 2 cases are taken for 1 patients by their names (a_adc and a_dwi for a); " +
          "add a cases.csv with columns case,patient where that is wrong",
      ],
    },
    {
      name: "several channels",
      paths: ["imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "labelsTr/a.nii.gz"],
      expected: ["warning: imagesTr/a_0000.nii.gz: 2 channels; only the first is used"],
    },
    {
      name: "files elsewhere",
      paths: ["imagesTr/a.nii.gz", "labelsTr/a.nii.gz", "old/a.nii.gz"],
      expected: ["warning: 1 files outside imagesTr and labelsTr are left out"],
    },
  ])("says in words: $name", ({ paths, expected }) => {
    expect(words(paths)).toEqual(expected);
  });

  it("takes no mask when there are two, and no image when there are two", () => {
    expect(pairFiles(listed(["a.nii", "a_seg.nii", "a_mask.nii"])).pairs.map(short)).toEqual([
      ["a", "a.nii", null],
    ]);
    expect(pairFiles(listed(["images/a.nii", "images/a.nii.gz", "labels/a.nii.gz"])).pairs).toEqual(
      [],
    );
  });

  it("keeps images without any mask, as cases to plan for", () => {
    const { layout, pairs, problems } = pairFiles(listed(["b.nii", "a.nii"]));
    expect(layout).toBeNull();
    expect(pairs.map(short)).toEqual([
      ["a", "a.nii", null],
      ["b", "b.nii", null],
    ]);
    expect(problems.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  it("does not depend on the order of files", () => {
    const paths = ["a.nii", "a_seg.nii", "b.nii", "c_seg.nii", "P/image.nii", "P/mask.nii"];
    expect(pairFiles(listed(paths.toReversed()))).toEqual(pairFiles(listed(paths)));
  });

  it.each([
    [{ labels: { "0": "background", "1": "head", "2": "body" } }, { 1: "head", 2: "body" }],
    ['{"labels": {"background": 0, "tumour": 2, "all": [1, 2]}}', { 2: "tumour" }],
    [{ labels: ["liver"] }, {}],
    [null, {}],
  ])("reads names of labels from %j", (datasetJson, expected) => {
    expect(pairFiles(listed(["a.nii", "a_seg.nii"]), { datasetJson }).labelNames).toEqual(expected);
  });

  it("warns of a dataset.json that is none", () => {
    const { problems } = pairFiles(listed(["a.nii", "a_seg.nii"]), { datasetJson: "{" });
    expect(problems[0]?.message).toMatch(
      /^dataset\.json must be JSON \(.*\); labels have no names$/,
    );
  });

  it("takes patients from cases.csv", () => {
    const paths = listed(["a.nii", "a_seg.nii", "b.nii", "b_seg.nii", "meta/cases.csv"]);
    const pairing = pairFiles(paths, { casesCsv: "case,patient\na,P1\nz,P9\n" });
    expect(pairing.pairs.map(({ id, patient }) => [id, patient])).toEqual([
      ["a", "P1"],
      ["b", "b"],
    ]);
    expect(pairing.problems.map(({ message, paths: about }) => [message, ...about])).toEqual([
      ["cases.csv names cases that are not in the folder: z", "meta/cases.csv"],
      ["cases.csv does not name b; each of them counts as a patient of its own", "meta/cases.csv"],
    ]);
  });

  it("finds the texts nearest to the top", () => {
    expect(cohortTextPaths(listed(["x/y/cases.csv", "x/cases.csv", "dataset.json"]))).toEqual({
      datasetJson: "dataset.json",
      casesCsv: "x/cases.csv",
      cohortJson: null,
    });
    expect(cohortTextPaths([])).toEqual({ datasetJson: null, casesCsv: null, cohortJson: null });
  });
});
