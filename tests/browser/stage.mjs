// What most stories of one lead and one worker begin with.
import { after, before } from "node:test";

import { Community } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

/** A community with a worker's phone and a lead at a browser, filled in before the file's first test, gone after its last. */
export function stage() {
  const here = {};
  before(async () => {
    [here.community, here.browser] = await Promise.all([Community.found(), openBrowser()]);
    here.phone = await here.community.worker("网格员甲");
    here.lead = await Lead.in(here.browser, here.community, await here.community.lead("组长甲"));
  });
  after(async () => {
    await here.browser?.close();
    await here.community?.close();
  });
  return here;
}
