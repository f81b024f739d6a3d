import type { Triple } from "../places.ts";
import { addressAt, pointwise } from "./shares.ts";
import { flatExtent, sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cut, type Invocation, type Stage, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

const samplesOf = ({ batch }: TensorView): number[] => Array.from({ length: batch }, (_, n) => n);

/** y = gelu(x) */
export function geluForwardCall(workspace: Workspace, x: TensorView, y: TensorView): Call {
  const { places, channels } = flatExtent(x, y);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "geluForward",
      ...[addressAt(x, start), x.step, addressAt(y, start), y.step, ...counts],
    ]),
  ];
}

interface BackwardTensors {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly accumulate: boolean;
}

/** The gradient of gelu, written or added to dx. */
export function geluBackwardCall(
  workspace: Workspace,
  { x, dy, dx, accumulate }: BackwardTensors & { readonly x: TensorView },
): Call {
  const { places, channels } = flatExtent(x, dy, dx);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "geluBackward",
      ...[addressAt(x, start), x.step, addressAt(dy, start), dy.step],
      ...[addressAt(dx, start), dx.step, ...counts, accumulate ? 1 : 0],
    ]),
  ];
}

/** Addresses of a layer norm's weights. */
interface LayerNormWeights {
  readonly scale: number;
  readonly shift: number;
}

/** y = layer norm of x; fills `statistics`, [places, 2]. */
export function layerNormForwardCall(
  workspace: Workspace,
  tensors: { readonly x: TensorView; readonly y: TensorView; readonly statistics: number },
  { scale, shift, epsilon }: LayerNormWeights & { readonly epsilon: number },
): Call {
  const { x, y, statistics } = tensors;
  return () => [
    eachPlace(workspace, x, ({ from, to }) => [
      "layerNormForward",
      ...[x.address + from * x.step, x.step, y.address + from * y.step, y.step],
      ...[statistics + 8 * from, scale, shift, to - from, x.channels, epsilon],
    ]),
  ];
}

/** Writes or adds to dx; adds to the gradients of scale and shift. */
export function layerNormBackwardCall(
  workspace: Workspace,
  tensors: BackwardTensors & { readonly x: TensorView; readonly statistics: number },
  weights: { readonly scale: number; readonly dScale: number; readonly dShift: number },
): Call {
  const { x, dy, dx, statistics, accumulate } = tensors;
  const places = placesOf(x);
  return () => {
    const weightTasks = cut(x.channels, workspace.pieces(places * x.channels), 4).map(
      ({ from, to }): Task => [
        [
          "layerNormWeights",
          ...[x.address + 4 * from, x.step, dy.address + 4 * from, dy.step, statistics],
          ...[weights.dScale + 4 * from, weights.dShift + 4 * from, places, to - from],
        ],
      ],
    );
    const inputs = eachPlace(workspace, x, ({ from, to }) => [
      "layerNormInput",
      ...[x.address + from * x.step, x.step, dy.address + from * dy.step, dy.step],
      ...[dx.address + from * dx.step, dx.step, statistics + 8 * from, weights.scale],
      ...[to - from, x.channels, accumulate ? 1 : 0],
    ]);
    return [[...weightTasks, ...inputs]];
  };
}

const placesOf = ({ batch, size }: TensorView): number => batch * volumeOf(size);

function eachPlace(
  workspace: Workspace,
  x: TensorView,
  invocation: (range: { from: number; to: number }) => Invocation,
): Stage {
  const places = placesOf(x);
  return cut(places, workspace.pieces(2 * places * x.channels)).map((range) => [invocation(range)]);
}

interface DepthwiseTensors {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly kernel: number;
  /** 0 for none. */
  readonly bias: number;
  /** The transpose: taps the other way round. */
  readonly isMirrored: boolean;
  readonly accumulate: boolean;
}

/** y = depthwise convolution of x, or its transpose. */
export function depthwiseCall(
  workspace: Workspace,
  window: Triple,
  { x, y, kernel, bias, isMirrored, accumulate }: DepthwiseTensors,
): Call {
  const rows = x.size[0] * x.size[1];
  const each = (volumeOf(x.size) * x.channels * volumeOf(window)) / productsPerNanosecond;
  return () => {
    const ranges = cut(rows, Math.ceil(workspace.pieces(each * x.batch) / x.batch));
    return [
      samplesOf(x).flatMap((n) =>
        ranges.map(
          ({ from, to }): Task => [
            [
              "depthwise",
              ...[sampleAddress(x, n), x.step, sampleAddress(y, n), y.step],
              ...[kernel, 4 * x.channels, bias, ...x.size, x.channels, window[0], window[2]],
              ...[from, to, isMirrored ? 1 : 0, accumulate ? 1 : 0],
            ],
          ],
        ),
      ),
    ];
  };
}

/** Adds to the gradients of kernel and bias. */
export function depthwiseFilterCall(
  workspace: Workspace,
  window: Triple,
  tensors: {
    readonly x: TensorView;
    readonly dy: TensorView;
    readonly dKernel: number;
    readonly dBias: number;
  },
): Call {
  const { x, dy, dKernel, dBias } = tensors;
  const work = (placesOf(x) * x.channels * volumeOf(window)) / productsPerNanosecond;
  return () => [
    cut(x.channels, workspace.pieces(work), 4).map(({ from, to }) =>
      samplesOf(x).flatMap((n): Invocation[] => [
        [
          "depthwiseFilter",
          ...[sampleAddress(x, n) + 4 * from, x.step, sampleAddress(dy, n) + 4 * from, dy.step],
          ...[dKernel + 4 * from, 4 * x.channels, ...x.size, to - from, window[0], window[2]],
        ],
        [
          "sumPlaces",
          ...[sampleAddress(dy, n) + 4 * from, dy.step, volumeOf(dy.size), to - from],
          dBias + 4 * from,
        ],
      ]),
    ),
  ];
}

const productsPerNanosecond = 2;

/** y = x + table for every sample; `table`: address of [places, channels]. */
export function addTableCall(
  workspace: Workspace,
  x: TensorView,
  y: TensorView,
  table: number,
): Call {
  const places = volumeOf(x.size);
  const line = 4 * x.channels;
  return () => [
    samplesOf(x).flatMap((n) =>
      cut(places, workspace.pieces(places * x.channels)).map(({ from, to }): Task => {
        const target = sampleAddress(y, n) + from * y.step;
        const counts = [to - from, x.channels];
        return [
          ["activation", sampleAddress(x, n) + from * x.step, x.step, target, y.step, ...counts, 1],
          ["addTo", table + from * line, line, target, y.step, ...counts],
        ];
      }),
    ),
  ];
}

/** Adds the sum of dy over the samples to the gradient of a table. */
export function tableGradientCall(workspace: Workspace, dy: TensorView, dTable: number): Call {
  const places = volumeOf(dy.size);
  const line = 4 * dy.channels;
  return () => [
    cut(places, workspace.pieces(dy.batch * places * dy.channels)).map(({ from, to }) =>
      samplesOf(dy).map(
        (n): Invocation => [
          "addTo",
          ...[sampleAddress(dy, n) + from * dy.step, dy.step],
          ...[dTable + from * line, line, to - from, dy.channels],
        ],
      ),
    ),
  ];
}

/** y = the places of x that the list at `index` names, `token` for -1. */
export function pickCall(
  x: TensorView,
  y: TensorView,
  { index, token }: { readonly index: number; readonly token: number },
): Call {
  const places = volumeOf(y.size);
  return () => [
    samplesOf(x).map((n) => [
      [
        "pick",
        ...[sampleAddress(x, n), x.step, sampleAddress(y, n), y.step],
        ...[index + 4 * n * places, token, places, x.channels],
      ],
    ]),
  ];
}

/** Each place of dx gets the sum of what was picked of it. */
export function pickBackCall({ dy, dx, accumulate }: BackwardTensors, index: number): Call {
  const [places, from] = [volumeOf(dy.size), volumeOf(dx.size)];
  return () => [
    samplesOf(dy).map((n): Task => {
      const target = sampleAddress(dx, n);
      const source = [sampleAddress(dy, n), dy.step];
      return [
        ...(accumulate ? [] : [["clear", target, dx.step, from, dx.channels] satisfies Invocation]),
        ["pickBack", ...source, target, dx.step, index + 4 * n * places, places, dx.channels],
      ];
    }),
  ];
}

/** Adds dy wherever the list says -1 to the gradient of the token. */
export function pickTokenCall(dy: TensorView, dToken: number, index: number): Call {
  const places = volumeOf(dy.size);
  return () => [
    [
      samplesOf(dy).map(
        (n): Invocation => [
          "pickToken",
          ...[sampleAddress(dy, n), dy.step, dToken, index + 4 * n * places, places, dy.channels],
        ],
      ),
    ],
  ];
}
