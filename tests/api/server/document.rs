use serde_json::Value;
use uuid::Uuid;

use crate::support::{Answer, Operation, TestApp};

#[tokio::test]
async fn every_operation_says_which_token_it_takes() {
    let app = TestApp::start().await;
    for Operation { id, permission, shown, .. } in Operation::all(&app).await {
        let schemes: Vec<String> =
            shown["security"].as_array().unwrap().iter().map(Value::to_string).collect();
        match id.as_str() {
            "getMetrics" | "getApiMetrics" => assert_eq!(schemes, [r#"{"metricsToken":[]}"#, "{}"]),
            _ if permission == "public" => assert!(schemes.is_empty(), "{id}: {schemes:?}"),
            _ => assert_eq!(schemes, [r#"{"bearerAuth":[]}"#], "{id}"),
        }
    }
    let document = app.anonymous().get("//api-docs/openapi.json").await.expect(200).body;
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().collect::<Vec<_>>(), ["bearerAuth", "metricsToken"]);
}

#[tokio::test]
async fn every_operation_is_served_and_guarded_as_it_says() {
    let app = TestApp::start().await;
    for operation in Operation::all(&app).await {
        let fill = |name: &str| if name == "kind" { "like".to_owned() } else { Uuid::new_v4().to_string() };
        let answer = Answer::of(operation.request(&app.anonymous(), fill)).await;
        if operation.permission == "public" {
            // Whatever it wants, it isn't a token, and it isn't another address.
            assert!(matches!(answer.status, 200 | 415), "{}: {}", operation.id, answer.body);
        } else {
            answer.problem("E_TOKEN_MISSING", 401);
        }
    }
}

#[tokio::test]
async fn no_page_loads_anything_from_elsewhere() {
    let app = TestApp::start().await;
    for (address, shown) in [
        ("//api-docs", "createPost"),
        ("//api-docs/sockets", "/api-docs/asyncapi.json"),
        ("//api-docs/problems", "E_NOT_FOUND"),
        ("//api-docs/problems/E_NOT_FOUND", "E_NOT_FOUND"),
    ] {
        let answer = app.anonymous().get(address).await.expect(200);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");

        let page = answer.body.as_str().unwrap();
        assert!(page.contains(shown), "{address} shows {shown}");
        for tab in ["/api-docs", "/api-docs/sockets", "/api-docs/problems"] {
            assert!(page.contains(&format!("<a href=\"{tab}\"")), "{address} leads to {tab}");
        }
        for tag in tags_outside_scripts(page) {
            for attribute in ["src=", "href="] {
                let value = tag.split(attribute).nth(1).unwrap_or_default().trim_start_matches(['"', '\'']);
                assert!(!value.starts_with("http") && !value.starts_with("//"), "{tag}");
                let file = value.split(['"', '#']).next().unwrap_or_default();
                if file.starts_with('/') {
                    app.anonymous().get(&format!("/{file}")).await.expect(200);
                }
            }
        }
    }
}

/// The tags of a page, without what is inside scripts and styles.
fn tags_outside_scripts(page: &str) -> Vec<String> {
    let mut rest = page.to_owned();
    for name in ["script", "style"] {
        let mut kept = String::new();
        for part in rest.split(&format!("</{name}>")) {
            let (before, opening) = part.split_once(&format!("<{name}")).unwrap_or((part, ""));
            let attributes = opening.split('>').next().unwrap_or_default();
            kept.push_str(&format!("{before}<{name}{attributes}>"));
        }
        rest = kept;
    }
    rest.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default().to_owned()).collect()
}
