// A worker that ends without a word, as one does that has run out of memory, is noticed.

import type { Scene } from "../stage.ts";

export const SILENT: Scene = {
  name: "a worker that has gone is noticed, and a way on is said",
  async act(stage) {
    const { page } = stage;
    await page.route("**/worker-*.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `setTimeout(() => self.close(), 3000);\n${await response.text()}` });
    });
    await stage.open();
    await page.getByText("The machine has not answered for 10 s").waitFor();
    return [];
  },
};
