import { messageOf, PlannerError } from "#core/errors.ts";

/**
 * Where the files of `@itk-wasm/morphological-contour-interpolation` lie. They are loaded when
 * first needed.
 */
export interface MorphologicalFiles {
  /** Address of its script, as `import()` takes it. */
  readonly script: string;
  /** Its WebAssembly, compressed by Zstandard as the package has it. */
  wasm(): Promise<Uint8Array>;
}

/** What is used of the package's script: an Emscripten module. */
interface ItkModule {
  readonly HEAPU8: Uint8Array;
  ccall(
    name: string,
    result: "number",
    types: readonly "number"[],
    values: readonly number[],
  ): number;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, address: number, bytes: number): void;
  callMain(parameters: string[]): number;
  stackSave(): number;
  stackRestore(stack: number): void;
}

type StartItk = (options: { readonly wasmBinary: Uint8Array }) => Promise<ItkModule>;

/** Fills the slices between two masks. */
export interface MorphologicalPipeline {
  /**
   * @param labels - [depth, height, width], row-major: 1 inside on the first and the last slice
   * @returns 1 inside on every slice, likewise
   */
  fill(
    labels: Uint8Array,
    shape: readonly [depth: number, height: number, width: number],
  ): Uint8Array;
}

/**
 * Starts ITK's morphological contour interpolation.
 *
 * @throws PlannerError "device" when its files cannot be loaded or started
 *
 * Source: Zukic et al. 2016, doi:10.54294/achtrg, after Albu et al. 2008,
 * doi:10.1109/TBME.2008.921158; the build is Kitware's.
 */
export async function startMorphological(
  files: MorphologicalFiles,
): Promise<MorphologicalPipeline> {
  const start = async (): Promise<ItkModule> => {
    try {
      const [{ default: startItk }, { decompress }, compressed] = await Promise.all([
        import(/* @vite-ignore */ files.script) as Promise<{ default: StartItk }>,
        import("fzstd"),
        files.wasm(),
      ]);
      return await startItk({ wasmBinary: decompress(compressed) });
    } catch (cause) {
      throw new PlannerError(
        "device",
        `morphological interpolation did not start (${messageOf(cause)}); reload, or take another interpolator`,
        { cause },
      );
    }
  };
  const module = await start();
  return { fill: (labels, shape) => run(module, labels, shape) };
}

/**
 * Input and output number 0, both in memory; label 1 between the first and the last slice along
 * ITK's third axis, our first. Slices are named, because where ITK has to find them it takes a
 * slice as labelled only where a pixel has neighbours on all sides.
 */
const parametersFor = (depth: number): string[] => [
  ...["0", "0", "--memory-io", "--label", "1", "--axis", "2", "--use-custom-slice-positions"],
  ...["--labeled-slice-indices-axis", "2", "--labeled-slice-indices-label", "1"],
  ...["--labeled-slice-indices", "0", `${depth - 1}`],
];

function run(
  module: ItkModule,
  labels: Uint8Array,
  [depth, height, width]: readonly [number, number, number],
): Uint8Array {
  const data = writeArray(module, labels, 0);
  const direction = writeArray(
    module,
    new Uint8Array(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1).buffer),
    1,
  );
  const image = {
    imageType: { dimension: 3, componentType: "uint8", pixelType: "Scalar", components: 1 },
    name: "labels",
    origin: [0, 0, 0],
    spacing: [1, 1, 1],
    direction: addressOf(direction),
    size: [width, height, depth],
    data: addressOf(data),
    metadata: [],
  };
  const text = JSON.stringify(image);
  const bytes = module.lengthBytesUTF8(text) + 1;
  const at = module.ccall(
    "itk_wasm_input_json_alloc",
    "number",
    ["number", "number", "number"],
    [0, 0, bytes],
  );
  module.stringToUTF8(text, at, bytes);

  const stack = module.stackSave();
  try {
    const code = module.callMain(parametersFor(depth));
    if (code !== 0) throw new Error(`it ended with ${code}`);
  } catch (cause) {
    // C++ exceptions arrive as addresses, which tell nobody anything.
    const reason = cause instanceof Error ? cause.message : "it found its input damaged";
    throw new PlannerError("device", `morphological interpolation failed: ${reason}`, { cause });
  } finally {
    module.stackRestore(stack);
  }
  const read = (name: string) =>
    module.ccall(name, "number", ["number", "number", "number"], [0, 0, 0]);
  const address = read("itk_wasm_output_array_address");
  const size = read("itk_wasm_output_array_size");
  return module.HEAPU8.slice(address, address + size);
}

function writeArray(module: ItkModule, bytes: Uint8Array, index: number): number {
  const address = module.ccall(
    "itk_wasm_input_array_alloc",
    "number",
    ["number", "number", "number", "number"],
    [0, 0, index, bytes.length],
  );
  module.HEAPU8.set(bytes, address);
  return address;
}

const addressOf = (address: number): string => `data:application/vnd.itk.address,0:${address}`;
