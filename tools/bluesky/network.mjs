// Bluesky's own servers: directory, accounts, what reads them all. Says "ready URL" when people may come.
import { TestNetwork } from "@atproto/dev-env";

const network = await TestNetwork.create({
  dbPostgresUrl: process.env.BLUESKY_DATABASE,
  dbPostgresSchema: "bluesky",
  pds: { hostname: "localhost" },
});
console.log(`ready ${network.pds.url}`);
setInterval(() => network.processAll().catch((error) => console.error(error)), 500);
