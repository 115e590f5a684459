import { main } from "@/lib/server/cli";

process.exit(await main(process.argv.slice(2)));
