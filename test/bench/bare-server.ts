// A bare node:http server in a process of its own: answers the body it is sent first, and tells its port.
import { createServer } from "node:http";

process.once("message", (body: unknown) => {
  const bytes = Buffer.from(String(body));
  const headers = { "content-type": "application/json", "content-length": String(bytes.length) };
  const server = createServer((_request, response) => response.writeHead(200, headers).end(bytes));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.(typeof address === "object" && address !== null ? address.port : 0);
  });
});
// Its parent ended, however that came about.
process.on("disconnect", () => process.exit(0));
