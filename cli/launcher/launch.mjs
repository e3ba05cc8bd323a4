// What `npm start`, `npm test` and `npm run …` run. Plain JavaScript without dependencies, so that any Node can read
// it: it installs what is missing, then hands over to the Node version that Sentinel is written for.
const OLDEST = 18;

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  process.stderr.write(
    `Sentinel needs Node ${OLDEST} or newer to start and this is Node ${process.versions.node}: ` +
      "install a newer Node from https://nodejs.org and run the same command again.\n",
  );
  process.exitCode = 1;
} else {
  const { main } = await import("./main.mjs");
  process.exitCode = await main(process.argv.slice(2));
}
