//! Every problem is described at the address that its `type` names.

use std::collections::{BTreeMap, BTreeSet};

use rookery::problem::codes::CODES;
use serde_json::Value;

use crate::support::{Client, TestApp};

/// What is described, by its code.
async fn described(by: &Client) -> BTreeMap<String, Value> {
    let answer = by.with("accept", "application/json").get("//api-docs/problems").await.expect(200);
    let named = |item: &Value| (item["code"].as_str().unwrap().to_owned(), item.clone());
    answer.items().iter().map(named).collect()
}

/// Where the documents say that each code is met: operations, and events.
async fn met(by: &Client) -> BTreeMap<String, BTreeSet<String>> {
    let document = async |name: &str| by.get(&format!("//api-docs/{name}.json")).await.expect(200).body;
    let (rest, sockets) = (document("openapi").await, document("asyncapi").await);
    let mut places =
        vec![("".to_owned(), &rest), ("".to_owned(), &sockets["components"]["messages"]["refused"])];
    for (path, methods) in rest["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            places.extend(answers.map(|answer| (format!("{} {path}", method.to_uppercase()), answer)));
        }
    }
    places.push(("connecting".to_owned(), &sockets["channels"]["default"]));
    for operation in sockets["operations"].as_object().unwrap().values() {
        if operation["action"] == "receive" {
            places.push((operation["title"].as_str().unwrap().to_owned(), operation));
        }
    }
    let mut met: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, shown) in places {
        for code in shown["x-problems"].as_array().into_iter().flatten() {
            met.entry(code.as_str().unwrap().to_owned()).or_default().insert(place.clone());
        }
    }
    met
}

#[tokio::test]
async fn every_code_leads_to_its_meaning_cause_and_mend() {
    let app = TestApp::start().await;
    let described = described(&app.anonymous()).await;
    for code in CODES {
        assert!(described.contains_key(code.name), "{} isn't described", code.name);
    }
    let list = text_of(&app.anonymous().get("//api-docs/problems").await.expect(200).body);
    for (code, shown) in &described {
        assert!(list.contains(code), "{code} isn't in the list");
        let address = format!("/{}", shown["type"].as_str().unwrap());
        let page = app.anonymous().get(&address).await.expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{code}");
        let text = text_of(&page.body);
        for member in ["code", "title", "cause", "mend"] {
            let said = shown[member].as_str().unwrap().replace('`', "");
            assert!(
                said.len() > 5 && text.contains(&said),
                "the page of {code} doesn't say its {member}: {text}"
            );
        }
        assert!(text.contains(&shown["status"].to_string()), "{code}");
        let same = app.anonymous().with("accept", "application/json").get(&address).await.expect(200);
        assert_eq!(&same.body, shown);
    }
}

#[tokio::test]
async fn what_is_described_is_met_somewhere_and_what_is_met_is_described() {
    let app = TestApp::start().await;
    let (described, met) = (described(&app.anonymous()).await, met(&app.anonymous()).await);
    assert_eq!(described.keys().collect::<Vec<_>>(), met.keys().collect::<Vec<_>>());
    for (code, shown) in &described {
        let listed =
            ["operations", "events"].into_iter().flat_map(|member| shown[member].as_array().unwrap());
        let listed: BTreeSet<String> = listed.map(|name| name.as_str().unwrap().to_owned()).collect();
        let mut wanted = met[code].clone();
        wanted.remove("");
        assert_eq!(listed, wanted, "{code}");
    }
}

#[tokio::test]
async fn the_type_of_a_problem_is_followed() {
    let app = TestApp::start().await;
    for problem in [app.anonymous().get("/users/me").await, app.anonymous().get("//nowhere").await] {
        let page = app.anonymous().get(&format!("/{}", problem.text("type"))).await.expect(200);
        assert!(text_of(&page.body).contains(&problem.text("title")));
    }
    app.anonymous().get("//api-docs/problems/E_NONE").await.problem("E_NOT_FOUND", 404);
}

/// What a page says, without its tags.
fn text_of(page: &Value) -> String {
    let pieces = page.as_str().unwrap().split('<');
    let text: String = pieces.map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
    [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
