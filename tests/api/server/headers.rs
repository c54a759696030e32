use serde_json::json;

use crate::support::{Answer, TestApp};

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let answers = [
        ana.get("/users/me").await.expect(200),
        ana.post("/posts", json!({})).await.expect(422),
        app.anonymous().get("/users/me").await.expect(401),
        app.anonymous().get("//nowhere").await.expect(404),
        app.anonymous().get("//health").await.expect(200),
        app.anonymous().get("//metrics").await.expect(200),
        app.anonymous().get("//api-docs").await.expect(200),
        app.anonymous().get("//api-docs/openapi.json").await.expect(200),
    ];
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(answer.header("strict-transport-security"), None, "there is no TLS in development");
        assert_eq!(answer.header("server"), None);
    }
}

#[tokio::test]
async fn in_production_browsers_are_to_insist_on_tls() {
    let app = TestApp::with(|settings| {
        settings.set("APP_ENV", "production").set("DRAIN_NOTICE_SECS", 0);
    })
    .await;
    let answer = app.anonymous().get("//health").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
}

#[tokio::test]
async fn a_request_id_is_echoed() {
    let app = TestApp::start().await;
    for id in ["42", "0198c9f0-5f2b-7000-8000-000000000000", "a_b-c.d", &"x".repeat(128)] {
        let answer = app.anonymous().with("x-request-id", id).get("/users/me").await;
        assert_eq!(answer.problem("E_TOKEN_MISSING", 401).body["requestId"], id);
    }
}

#[tokio::test]
async fn a_request_without_one_is_given_one_of_its_own() {
    let app = TestApp::start().await;
    let id = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
    let first = id(&app.anonymous().get("//health").await);
    let second = id(&app.anonymous().get("//health").await);
    assert_ne!(first, second);
    assert!(uuid::Uuid::try_parse(&first).is_ok(), "{first}");
}

#[tokio::test]
async fn a_hostile_request_id_is_replaced() {
    let app = TestApp::start().await;
    for id in ["", "two words", "<script>", "a\tb", "{\"level\":60}", "ä", "a;b", &"x".repeat(129)] {
        let answer = app.anonymous().with("x-request-id", id).get("//health").await.expect(200);
        let given = answer.header("x-request-id").unwrap();
        assert!(uuid::Uuid::try_parse(given).is_ok(), "{id} became {given}");
    }
}
