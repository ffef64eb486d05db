// bundle.mjs turns the compiled hardware into its bytes wherever it is imported by name.

declare module "*.wasm" {
  const bytes: Uint8Array;

  // biome-ignore lint/style/noDefaultExport: esbuild's binary loader exports the bytes as default
  export { bytes as default };
}
