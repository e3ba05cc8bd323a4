/** The dashboard is prerendered to plain files that the gateway serves: no server code of Next runs in production. */
const config = {
  output: "export",
  trailingSlash: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // Raw TypeScript with `.ts` suffixes in its imports.
  transpilePackages: ["@sentinel/contracts"],
  images: { unoptimized: true },
  // Types are checked once, by `tsc -p web/tsconfig.json`; the build only strips them.
  typescript: { ignoreBuildErrors: true },
  experimental: { globalNotFound: true },
  devIndicators: false,
};

export default config;
