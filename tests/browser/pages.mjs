// Every page of the console, a line each: what its pictures are called, and its address. By being here a page gets its
// pictures, its look by axe, its look for missing words and its limits of width and size (`pages.test.mjs`).
// A name in braces is filled in by `places`; `as` is who looks, if not a lead; `press` is what is chosen and pressed on the
// way from the address to the page, a pair being where something is typed and what; `undo` is pressed afterwards, so that
// the way is there again. `paper` pages are pictured as the printer sees them too.

export const PAGES = [
  { name: "login", address: "/console/login", as: "nobody" },
  { name: "today", address: "/console" },
  { name: "diary", address: "/console/diary?grid={grid}&day={day}" },
  { name: "marked", address: "/console/diary?grid={grid}&day={day}", press: ["form.bulk button"], undo: ["form[action$=take-back] button"] },
  { name: "sheet", address: "/console/diary/sheet?grid={grid}&day={day}", paper: true },
  { name: "queue", address: "/console/queue" },
  { name: "record", address: "/console/records/{visit}" },
  { name: "conflict", address: "/console/records/{conflict}" },
  { name: "choice", address: "/console/records/{conflict}", press: ["section.conflict form button"] },
  { name: "reveal", address: "/console/records/{numbered}/reveal?field=phone" },
  { name: "revealed", address: "/console/records/{numbered}/reveal?field=phone", press: ["input[name=reason]", "form.stack button"] },
  { name: "household", address: "/console/households/{household}" },
  { name: "visits", address: "/console/visits" },
  { name: "building", address: "/console/visits/building?grid={grid}&building={building}" },
  { name: "lists", address: "/console/lists" },
  { name: "begin", address: "/console/lists", press: ["form[action$=begin] button"] },
  { name: "template", address: "/console/templates/new" },
  { name: "template-asked", address: "/console/templates/new", press: [["#title", "每月消防检查"], ["input[name=what]", "查灭火器压力"], "form.template .primary"] },
  { name: "template-kept", address: "/console/templates/{template}" },
  { name: "template-edited", address: "/console/templates/{template}", press: [["input[name=what]", "换一件要做的事"], "form.template .primary"] },
  { name: "template-ended", address: "/console/templates/{template}", press: ["section.danger button"] },
  { name: "assignees", address: "/console/templates/{template}/{item}" },
  { name: "assignees-asked", address: "/console/templates/{template}/{item}", press: ["form.template .primary"] },
  { name: "ledgers", address: "/console/ledgers" },
  { name: "people", address: "/console/people" },
  { name: "person", address: "/console/people?name={worker}", press: ["table.people th a"], as: "administrator" },
  { name: "invitation", address: "/console/people?name={worker}", press: ["table.people th a", "form[action$=invite] button"], as: "administrator" },
  { name: "deed", address: "/console/people?name={worker}", press: ["table.people th a", "button[value=revoke_phone]"], as: "administrator" },
  { name: "box", address: "/console/people/box" },
  { name: "handover", address: "/console/hand-over?from={grid}" },
  { name: "counted", address: "/console/hand-over?from={grid}", press: ["input[value=all]", "form.stack button"] },
  { name: "handed", address: "/console/hand-over?from={other}", press: ["input[name=what]", "form.stack button", ".confirm .primary"] },
  { name: "account", address: "/console/account" },
  { name: "factor", address: "/console/account/factor" },
  { name: "checklist", address: "/console/records/{checklist}" },
  { name: "fraud", address: "/console/fraud" },
  { name: "figures", address: "/console/figures" },
  { name: "records", address: "/console/records?kind=outreach" },
  { name: "nothing", address: "/console/nothing-here" },
];

/** What stands in braces: records of the demo's day, among them one that a lead has answered. */
export async function places(community) {
  const visits = await community.records("kind=visit&limit=20");
  const visit = visits.find(({ review }) => review) ?? visits[0];
  const other = visits.find(({ id, grid }) => id !== visit.id && grid === visit.grid);
  const [worker] = await writeTwoValues(community, other);
  const household = await community.record(visit.content.household);
  const households = await community.records("kind=household&limit=100");
  const numbered = households.find(({ content }) => content.phone?.includes("*"));
  await addTemplate(community);
  const [checklist] = await community.records("kind=checklist&limit=1");
  const templates = await community.records("kind=template&limit=20");
  const template = templates.find(({ content }) => Object.keys(content.assignees ?? {}).length > 0);
  return {
    grid: visit.grid,
    other: visits.find(({ grid }) => grid !== visit.grid).grid,
    day: visit.day,
    visit: visit.id,
    conflict: other.id,
    numbered: numbered.id,
    household: household.id,
    building: household.content.dwelling.split("-")[0],
    checklist: checklist.id,
    template: template.id,
    item: Object.keys(template.content.assignees)[0],
    worker,
  };
}

/** A template from which nobody has made this period's list yet. */
async function addTemplate(community) {
  const phone = await community.phoneOf(community.who.name);
  await phone.sync();
  await phone.run("template", "add", "夜间巡查", "--group", "安全防范", "--recurs", "daily", "--item", "巡查充电棚", "--item", "关闭楼道杂物间");
  await phone.sync();
}

/** Two phones write one field of a visit while neither knows of the other; whose they are. */
async function writeTwoValues(community, visit) {
  const names = (await community.workers(visit.grid)).slice(0, 2);
  const phones = await Promise.all(names.map((name) => community.phoneOf(name)));
  await Promise.all(phones.map((phone) => phone.sync()));
  await phones[0].rewrite(visit, "三楼楼道有飞线充电，已劝说拔除");
  await phones[1].rewrite(visit, "四楼楼道有飞线充电，住户答应当天整改");
  for (const phone of phones) await phone.sync();
  return names;
}
