//! 清单模板 over real HTTP: a template made, edited and ended on the console reaches phones as any other change, after a
//! question each time, and only by whom the table lets.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::{Site, pulled};
use gridbook_core::id::RecordId;
use gridbook_core::model::{Recurrence, Role, Scalar, Template, TemplateItem};
use seated::at_console;

/// The hidden fields of a page's form that is sent to `action`.
fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page.split(&format!("action=\"{action}\"")).nth(1).unwrap().split("</form>").next().unwrap();
    let fields = form.split("type=\"hidden\" name=\"").skip(1);
    let fields = fields.map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
    });
    fields.filter(|(name, _)| name != "csrf").collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_template_is_made_on_the_console_once_after_a_question_and_reaches_phones() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let member = site.person("组员甲", Role::Member, &group).await;
    let mut phone = site.phone_of(&member).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let form = browser.get("/console/templates/new").await.text;
    let id = hidden(&form, "/console/templates")[0].1.clone();
    let typed = [
        ("id", id.as_str()),
        ("version", ""),
        ("group", group.as_str()),
        ("title", "每周消防检查"),
        ("recurs", "weekly"),
        ("item", "b2"),
        ("what", "查灭火器"),
        ("due_after", "3"),
        ("people", "2"),
        ("item", "a1"),
        ("what", " "),
        ("due_after", "0"),
        ("people", "1"),
        ("item", "c3"),
        ("what", "查楼道"),
        ("due_after", "0"),
        ("people", "1"),
    ];
    let db = site.server.service().database();
    let record: RecordId = id.parse().unwrap();
    let nameless: Vec<_> = typed.iter().copied().filter(|(name, _)| *name != "title").collect();
    let broken = browser.post("/console/templates", &nameless).await;
    assert!(broken.text.contains("请写清单标题") && broken.text.contains("查灭火器"), "{}", broken.text);
    let long = "查".repeat(201);
    let typed_long: Vec<_> =
        typed.iter().map(|(name, value)| (*name, if *value == "查楼道" { &long } else { *value })).collect();
    let broken = browser.post("/console/templates", &typed_long).await.text;
    assert!(broken.contains("最多 200 字") && broken.contains(&long), "nothing typed is lost: {broken}");
    for (name, value, rule) in
        [("due_after", "31", "开始后几天到期：填 0 到 30"), ("people", "100", "需要人数：填 0 到 99")]
    {
        let mut too_much = typed;
        too_much.iter_mut().find(|(field, _)| *field == name).unwrap().1 = value;
        let broken = browser.post("/console/templates", &too_much).await.text;
        assert!(
            broken.contains(rule) && broken.contains(&format!("value=\"{value}\"")),
            "as typed: {broken}"
        );
    }
    let more = browser.post("/console/templates", &[&typed[..], &[("more", "1")]].concat()).await.text;
    assert_eq!(more.matches("name=\"what\"").count(), 2 + 5, "more rows, and what was typed");
    let asked = browser.post("/console/templates", &typed).await.text;
    assert!(
        asked.contains("新建模板“每周消防检查”？") && asked.contains("开始后 3 天到期 · 需 2 人"),
        "{asked}"
    );
    assert!(db.record(&record).await.unwrap().is_none(), "a question makes nothing");

    let mut confirmed = hidden(&asked, "/console/templates");
    confirmed.push(("confirmed".into(), "1".into()));
    let done = browser.post("/console/templates", &borrowed(&confirmed)).await;
    assert_eq!(done.location(), format!("/console/records/{id}"));
    browser.post("/console/templates", &borrowed(&confirmed)).await;
    assert_eq!(db.held(&[record]).await.unwrap()[0].changes.len(), 1, "sent twice, it is one");
    assert_eq!(db.record(&record).await.unwrap().unwrap().author, lead);
    let response = phone.sync(&[]).await;
    assert!(pulled(&response, &group).contains(&record), "phones get it at their next sync");
    assert_eq!(phone.text(record, "title"), "每周消防检查");
    assert_eq!(phone.text(record, "items/b2/title"), "查灭火器");
    assert!(!phone.documents[&record].fields().contains_key("items/a1/title"), "an empty row is none");
    assert!(browser.get("/console/lists").await.text.contains("每周消防检查"));
}

#[tokio::test]
async fn an_edit_writes_what_changed_at_the_version_shown_and_an_ended_one_makes_no_lists() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &group).await;
    let mut phone = site.phone_of(&lead).await;
    let item =
        |title: &str, position| TemplateItem { title: title.into(), position, ..TemplateItem::default() };
    let template = Template {
        title: "每周检查".into(),
        group: group.clone(),
        recurs: Some(Recurrence::Weekly),
        items: [("a1".into(), item("联系13800001234", 1)), ("b2".into(), item("查楼道", 2))].into(),
        assignees: [("a1".into(), [lead.as_str()].into_iter().collect())].into(),
        ..Template::default()
    };
    let (id, change) = phone.begin(template);
    phone.push(&group, &[(id, change)]).await;
    let path = format!("/console/templates/{id}");
    let form = browser.get(&path).await.text;
    assert!(form.contains("138****1234") && !form.contains("13800001234"), "numbers are masked here too");
    let mut fields = hidden(&form, "/console/templates");
    fields.retain(|(name, _)| name == "id" || name == "version" || name == "group");
    let rows = |first: &str, second: &str| {
        let row = |id: &str, what: &str| {
            [("item", id), ("what", what), ("due_after", "0"), ("people", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let head = [("title", "每周检查"), ("recurs", "daily")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        [&fields[..], &head, &row("a1", first), &row("new9", second)].concat()
    };
    let asked =
        browser.post("/console/templates", &borrowed(&rows("联系138****1234", "查充电棚"))).await.text;
    let removed = asked.split("去掉").nth(1).unwrap();
    assert!(removed.contains("查楼道") && asked.contains("新增") && !asked.contains("有改动"), "{asked}");
    let mut confirmed = hidden(&asked, "/console/templates");
    confirmed.push(("confirmed".into(), "1".into()));
    assert_eq!(browser.post("/console/templates", &borrowed(&confirmed)).await.status, 303);
    phone.sync(&[]).await;
    assert_eq!(phone.text(id, "items/a1/title"), "联系13800001234", "what was shown masked was not edited");
    assert_eq!(
        (phone.text(id, "recurs"), phone.text(id, "items/new9/title")),
        ("daily".into(), "查充电棚".into())
    );
    assert!(!phone.documents[&id].fields().contains_key("items/b2/title"));
    assert!(
        phone.documents[&id].fields().contains_key(&format!("assignees/a1/{lead}")),
        "who is asked stays"
    );
    assert_eq!(
        browser.post("/console/templates", &borrowed(&confirmed)).await.status,
        409,
        "a version that is gone"
    );

    // By the table: an auditor reads it, a member too, another group's lead does not know it.
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let (_, mut other) = at_console(&site, "组长乙", Role::Lead, &site.group("便民服务").await).await;
    let form = browser.get(&path).await.text;
    let fresh = hidden(&form, &format!("{}/end", "/console/templates"));
    for (who, status) in [(&mut auditor, 403), (&mut other, 404)] {
        assert_eq!(who.get(&path).await.status, status);
        let mut end = borrowed(&fresh);
        end.push(("confirmed", "1"));
        assert_eq!(who.post("/console/templates/end", &end).await.status, status);
        assert!(!who.get("/console/lists").await.text.contains("编辑模板"));
    }
    let version = fresh.iter().find(|(name, _)| name == "version").unwrap().1.clone();
    let mut stolen = confirmed.clone();
    stolen.iter_mut().filter(|(name, _)| name == "version").for_each(|(_, value)| value.clone_from(&version));
    for (who, status) in [(&mut auditor, 403), (&mut other, 404)] {
        assert_eq!(who.post("/console/templates", &borrowed(&stolen)).await.status, status);
        stolen.iter_mut().filter(|(name, _)| name == "version").for_each(|(_, value)| value.clear());
        let id = RecordId::new(&site.surroundings()).to_string();
        let mut new = stolen.clone();
        new.iter_mut().filter(|(name, _)| name == "id").for_each(|(_, value)| value.clone_from(&id));
        assert_eq!(who.post("/console/templates", &borrowed(&new)).await.status, status, "nor a new one");
        stolen
            .iter_mut()
            .filter(|(name, _)| name == "version")
            .for_each(|(_, value)| value.clone_from(&version));
    }

    let asked = browser.post("/console/templates/end", &borrowed(&fresh)).await.text;
    assert!(asked.contains("结束模板“每周检查”？"));
    assert!(browser.get("/console/lists").await.text.contains("每周检查"), "a question ends nothing");
    let mut end = borrowed(&fresh);
    end.extend([("reason", "改用月检"), ("confirmed", "1")]);
    assert_eq!(browser.post("/console/templates/end", &end).await.status, 303);
    assert!(!browser.get("/console/lists").await.text.contains("每周检查"));
    assert_eq!(browser.get(&path).await.status, 404);
    phone.sync(&[]).await;
    assert!(phone.text(id, "voided").contains("改用月检"));
    let begin = [("template", id.to_string()), ("confirmed", "1".into())];
    let begin: Vec<_> = begin.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post("/console/lists/begin", &begin).await.status, 400);
    let paused = Scalar::Flag(true);
    assert!(phone.documents[&id].fields().get("paused") != Some(&paused));
}

#[tokio::test]
async fn a_lead_chooses_who_is_asked_to_do_an_item() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let member = site.person("组员甲", Role::Member, &group).await;
    let stranger = site.person("组员乙", Role::Member, &site.group("便民服务").await).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &group).await;
    let mut phone = site.phone_of(&lead).await;
    let item = TemplateItem { title: "查灭火器".into(), ..TemplateItem::default() };
    let (id, change) = phone.begin(Template {
        title: "每周检查".into(),
        group: group.clone(),
        recurs: Some(Recurrence::Weekly),
        items: [("a1".into(), item)].into(),
        ..Template::default()
    });
    phone.push(&group, &[(id, change)]).await;
    let path = format!("/console/templates/{id}/a1");
    let edit = browser.get(&format!("/console/templates/{id}")).await.text;
    assert!(edit.contains(&format!("href=\"{path}\"")), "the form leads there: {edit}");
    let form = browser.get(&path).await.text;
    assert!(form.contains("查灭火器") && form.contains("组员甲") && form.contains("组长甲"), "{form}");
    assert!(!form.contains("组员乙") && !form.contains(" checked"), "who is elsewhere is not offered");
    let version = hidden(&form, &path)[0].1.clone();
    let typed = [("version", version.as_str()), ("asked", member.as_str())];

    let question = browser.post(&path, &typed).await.text;
    assert!(question.contains("这样指定谁来做“查灭火器”？") && question.contains("组员甲"), "{question}");
    let asked = format!("assignees/a1/{member}");
    phone.sync(&[]).await;
    assert!(!phone.documents[&id].fields().contains_key(&asked), "a question asks nobody");
    let foreign = [("version", version.as_str()), ("asked", stranger.as_str()), ("confirmed", "1")];
    assert_eq!(browser.post(&path, &foreign).await.status, 400, "nobody of another group");
    let mut confirmed = hidden(&question, &path);
    confirmed.push(("confirmed".into(), "1".into()));
    let done = browser.post(&path, &borrowed(&confirmed)).await;
    assert_eq!(done.location(), format!("/console/templates/{id}"));
    phone.sync(&[]).await;
    assert!(phone.documents[&id].fields().contains_key(&asked), "phones hear of it");
    assert_eq!(browser.post(&path, &borrowed(&confirmed)).await.status, 409, "a version that is gone");
    assert!(browser.get(&format!("/console/templates/{id}")).await.text.contains("谁来做：组员甲"));
    assert_eq!(browser.get(&format!("/console/templates/{id}/b2")).await.status, 404);

    // Choosing is no look of its own: the form that was shown is.
    let (other, mut beside) = at_console(&site, "组长丙", Role::Lead, &group).await;
    let form = beside.get(&path).await.text;
    let version = hidden(&form, &path)[0].1.clone();
    let looks = async || {
        let looks = site.server.service().database().audit_about(&id, None, 50).await.unwrap();
        looks.iter().filter(|look| look.entry.who.as_ref() == Some(&other)).count()
    };
    assert_eq!(looks().await, 1);
    let both = [
        ("version", version.as_str()),
        ("asked", member.as_str()),
        ("asked", lead.as_str()),
        ("confirmed", "1"),
    ];
    assert_eq!(beside.post(&path, &both).await.status, 303);
    assert_eq!(looks().await, 1);

    // Whoever left the group stays on the form until somebody unticks them.
    site.server.admin().revoke_grant(&member, Role::Member, &group).await.unwrap();
    let form = browser.get(&path).await.text;
    assert_eq!(form.matches(" checked").count(), 2);
    let version = hidden(&form, &path)[0].1.clone();
    let nobody = [("version", version.as_str()), ("confirmed", "1")];
    assert_eq!(browser.post(&path, &nobody).await.status, 303);
    phone.sync(&[]).await;
    assert!(!phone.documents[&id].fields().contains_key(&asked), "and back");
    assert!(!browser.get(&path).await.text.contains("组员甲"));
}

#[tokio::test]
async fn templates_are_paged() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &group).await;
    let mut phone = site.phone_of(&lead).await;
    let begun: Vec<_> = (0..45)
        .map(|n| {
            let items =
                [("a1".into(), TemplateItem { title: "查".into(), ..TemplateItem::default() })].into();
            let (title, recurs) = (format!("模板{n:02}"), Some(Recurrence::Daily));
            phone.begin(Template { title, group: group.clone(), recurs, items, ..Template::default() })
        })
        .collect();
    phone.push(&group, &begun).await;
    let (mut path, mut seen) = ("/console/lists".to_owned(), Vec::new());
    loop {
        let page = browser.get(&path).await.text;
        let here = (0..45).filter(|n| page.contains(&format!("模板{n:02}"))).collect::<Vec<_>>();
        seen.extend(here);
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let Some(next) = links.into_iter().find(|link| link.ends_with("#templates")) else { break };
        path = next.replace("&amp;", "&").replace("#templates", "");
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..45).collect::<Vec<_>>(), "each once");
}
