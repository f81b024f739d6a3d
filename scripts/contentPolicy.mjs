/**
 * What the page may load and whom it may talk to: this server and nobody else, which is the
 * privacy promise. The build writes it into the page, for any host; the server sends it with
 * every answer, so that workers are held to it too.
 */
export const contentPolicy = [
  "default-src 'self'",
  // Threads of TensorFlow.js start from a blob; WebAssembly is compiled, no text is evaluated.
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
