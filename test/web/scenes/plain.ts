// A page that came by plain http has no crypto.subtle: the machine runs there too.

import type { Stage } from "../stage.ts";

export const PLAIN = {
  name: "the machine runs where the browser makes no hashes",
  async act(stage: Stage) {
    await stage.page.route("**/worker-*.js", async (route) => {
      const response = await route.fetch();
      const body = `Object.defineProperty(crypto, "subtle", { value: undefined });\n${await response.text()}`;
      await route.fulfill({ response, body });
    });
    await stage.open();
    return [];
  },
};
