use reqwest::Method;

use crate::support::{Answer, Client, TestApp};

const ALLOWED: &str = "https://app.example.com";

async fn app() -> TestApp {
    TestApp::with(|settings| {
        settings.set("CORS_ORIGINS", format!("{ALLOWED}, https://other.example.com:8443"));
    })
    .await
}

async fn preflight(client: &Client, origin: &str) -> Answer {
    let client = client.with("origin", origin).with("access-control-request-method", "PATCH");
    let client = client.with("access-control-request-headers", "authorization,content-type,if-match");
    client.request(Method::OPTIONS, "/posts/x").await
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_answers_and_problems() {
    let app = app().await;
    let page = app.anonymous().with("origin", ALLOWED);
    for answer in [page.get("//health").await.expect(200), page.get("/users/me").await.expect(401)] {
        assert_eq!(answer.header("access-control-allow-origin"), Some(ALLOWED));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["etag", "location", "retry-after", "x-request-id"] {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
}

#[tokio::test]
async fn its_preflight_is_granted() {
    let app = app().await;
    let answer = preflight(&app.anonymous(), ALLOWED).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ALLOWED));
    let methods = answer.header("access-control-allow-methods").unwrap();
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].iter().all(|name| methods.contains(name)), "{methods}");
    let needed = ["authorization", "content-type", "if-match", "idempotency-key", "x-request-id"];
    assert!(needed.iter().all(|name| headers.contains(name)), "{headers}");
    assert!(!methods.contains('*') && !headers.contains('*'));
}

#[tokio::test]
async fn any_other_origin_is_told_nothing() {
    let app = app().await;
    for origin in [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com:8443",
        "https://other.example.com",
        "null",
    ] {
        let answers = [
            app.anonymous().with("origin", origin).get("//health").await.expect(200),
            app.anonymous().with("origin", origin).get("/users/me").await.expect(401),
            preflight(&app.anonymous(), origin).await,
        ];
        for answer in answers {
            assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        }
    }
}

#[tokio::test]
async fn in_production_no_origin_is_allowed_unless_configured() {
    let app = TestApp::with(|settings| {
        settings.set("APP_ENV", "production").set("DRAIN_NOTICE_SECS", 0);
    })
    .await;
    for origin in ["http://localhost:3000", "http://127.0.0.1:4000", ALLOWED] {
        let answer = preflight(&app.anonymous(), origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
}
