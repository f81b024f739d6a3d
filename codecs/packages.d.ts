/** What is used of packages that bring no types. */

declare module "@cornerstonejs/codec-charls/decodewasmjs" {
  const start: import("./wasmDecoder.ts").StartCodec<"JpegLSDecoder">;
  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default start;
}
declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  const start: import("./wasmDecoder.ts").StartCodec<"J2KDecoder">;
  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default start;
}
declare module "@cornerstonejs/codec-openjph/wasmjs" {
  const start: import("./wasmDecoder.ts").StartCodec<"HTJ2KDecoder">;
  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default start;
}
declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  const start: import("./wasmDecoder.ts").StartCodec<"JPEGDecoder">;
  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default start;
}
