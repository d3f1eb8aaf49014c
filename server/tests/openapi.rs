//! `/v1/openapi.json` is what the server does: the same routes, and a shape that real answers have.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod api;
mod common;

use std::collections::BTreeSet;

use api::{Program, one_of_each};
use common::Site;
use gridbook_core::model::{Kind, Role};
use serde_json::{Value, json};

/// Paths under `/v1` that phones speak, in their own encoding.
const PHONES: &[&str] = &["ENROL_PATH", "SYNC_PATH", "RECOVER_PATH", "BOX_PATH", "UNLOCK_PATH"];

async fn document(site: &Site) -> (Program, Value) {
    let lead = site.person("组长甲", Role::Lead, &site.community).await;
    let program = Program::of(site, &lead).await;
    let told = program.without_token("/v1/openapi.json").await;
    assert_eq!((told.status, &told.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    let document = told.json();
    (program, document)
}

/// The routes of `router.rs`: method and path.
fn routes() -> BTreeSet<String> {
    let router = include_str!("../src/router.rs");
    let mut routes = BTreeSet::new();
    for line in router.lines().filter_map(|line| line.trim().strip_prefix(".route(")) {
        let (path, rest) = line.split_once(", ").unwrap();
        let path = match path {
            name if PHONES.contains(&name) => continue,
            "openapi::PATH" => "/v1/openapi.json",
            text => text.trim_matches('"'),
        };
        let (method, _) = rest.split_once('(').unwrap();
        if path != "/metrics" {
            routes.insert(format!("{method} {path}"));
        }
    }
    routes
}

#[tokio::test]
async fn every_route_for_programs_is_described_and_nothing_else() {
    let site = Site::open().await;
    let (program, document) = document(&site).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            described.insert(format!("{method} {path}"));
            let answers = operation["responses"].as_object().unwrap();
            let open = operation["security"] == json!([{}]) || operation["security"] == json!([]);
            assert_eq!(answers.contains_key("401"), !open, "{path}");
            for status in ["200", "429", "500", "503"] {
                assert!(answers.contains_key(status), "{method} {path} does not say {status}");
            }
            if method == "get" {
                let status =
                    program.without_token(&path.replace("{id}", "x").replace("{kind}", "visit")).await.status;
                assert_eq!(status, if open { 200 } else { 401 }, "{path}");
            }
        }
    }
    assert_eq!(described, routes());
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"]["schemas"][name].is_object(), "{name} is named and not described");
    }
    assert!(described.len() > 9, "the router was read: {described:?}");
}

#[tokio::test]
async fn the_document_is_as_it_was_read_last() {
    let site = Site::open().await;
    let (_, mut document) = document(&site).await;
    document["info"]["version"] = json!("the workspace's");
    insta::assert_json_snapshot!(document);
}

/// The document with every object closed: what an answer has and the document does not say is a mistake here, while
/// programs had better let newer servers say more.
fn closed(mut document: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(object) => {
                object.values_mut().for_each(close);
                if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                    object.insert("additionalProperties".into(), json!(false));
                }
            }
            Value::Array(array) => array.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut document["components"]["schemas"]);
    document
}

struct Described(Value);

impl Described {
    /// Holds a body to the schema of an operation's answer.
    fn holds(&self, path: &str, status: &str, body: &Value) {
        let content = &self.0["paths"][path]["get"]["responses"][status]["content"]["application/json"];
        let mut schema = content["schema"].clone();
        assert!(schema.is_object(), "{path} {status} has no schema");
        schema["components"] = self.0["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let broken: Vec<_> =
            validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(broken.is_empty(), "{path} {status}: {broken:#?}\n{body:#}");
    }
}

#[tokio::test]
async fn real_answers_have_the_shape_that_is_served() {
    let site = Site::open().await;
    let (program, document) = document(&site).await;
    let described = Described(closed(document));
    let group = site.group("安全防范").await;
    let lead = site.server.admin().find_person("组长甲").await.unwrap().id;
    let (mut worker, mut phone) = (site.worker("网格员甲").await, site.phone_of(&lead).await);
    let records = one_of_each(&site.grid, &group, &mut worker, &mut phone).await;
    let edit = worker.edit(records[&Kind::Visit], "note", "改过");
    worker.push(&site.grid, &[(records[&Kind::Visit], edit)]).await;
    let voided = json!({ "by": worker.person, "at": 0, "reason": "误记" }).to_string();
    let void = worker.write(records[&Kind::Diary], "voided", gridbook_core::model::Scalar::Text(voided));
    worker.push(&site.grid, &[(records[&Kind::Diary], void)]).await;

    let list = program.get("/v1/records").await.json();
    assert_eq!(list["records"].as_array().unwrap().len(), Kind::ALL.len());
    described.holds("/v1/records", "200", &list);
    described.holds("/v1/records", "200", &program.get("/v1/records?limit=1").await.json());
    for (kind, id) in &records {
        let record = program.get(&format!("/v1/records/{id}")).await.json();
        assert_eq!(record["kind"], kind.as_str());
        described.holds("/v1/records/{id}", "200", &record);
        let history = program.get(&format!("/v1/records/{id}/history")).await.json();
        assert!(!history[0]["changes"].as_array().unwrap().is_empty());
        described.holds("/v1/records/{id}/history", "200", &history);
    }
    described.holds("/v1/summary", "200", &program.get("/v1/summary").await.json());
    described.holds("/v1/exports", "200", &program.get("/v1/exports").await.json());
    let auditor = site.person("审计员甲", Role::Auditor, &site.community).await;
    let log = Program::of(&site, &auditor).await.get("/v1/audit").await.json();
    assert!(log.as_array().unwrap().len() > 5);
    described.holds("/v1/audit", "200", &log);

    for (path, status, asked) in [
        ("/v1/records", "400", "/v1/records?limit=0"),
        ("/v1/records", "404", "/v1/records?grid=snothing0"),
        ("/v1/records/{id}", "404", "/v1/records/x"),
        ("/v1/exports/{kind}", "400", "/v1/exports/poem"),
        ("/v1/audit", "400", "/v1/audit?after=9007199254740992"),
        ("/v1/audit", "403", "/v1/audit"),
    ] {
        let told = program.get(asked).await;
        assert_eq!(told.status.to_string(), status, "{asked}");
        described.holds(path, status, &told.json());
    }
    described.holds("/v1/summary", "401", &program.without_token("/v1/summary").await.json());
    // A record id that is no text at all is nobody's, too.
    assert_eq!(program.get("/v1/records/%FF").await.refusal().0, 404);
    let reveal = format!("/v1/records/{}/reveal", records[&Kind::Visit]);
    for (reason, status) in [("回电核实", 200), ("x", 400), (" 回电", 400), ("回\n电", 400)] {
        assert_eq!(program.post(&reveal, &json!({ "reason": reason })).await.status, status, "{reason:?}");
    }
}
