//! Probes and metrics.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn health_says_how_the_node_is() {
    let app = TestApp::with(|settings| {
        settings.set("APP_VERSION", "1.2.3-test");
    })
    .await;
    for path in ["//health", "//health/ready"] {
        let body = app.anonymous().get(path).await.expect(200).body;
        assert_eq!(body["status"], "ok");
        assert_eq!(body["environment"], "test");
        assert_eq!(body["version"], "1.2.3-test");
        assert!(body["uptime"].is_u64() && body["timestamp"].is_string(), "{body}");
        assert_eq!(body["checks"]["database"]["status"], "ok");
        assert!(body["checks"]["database"]["responseTime"].is_u64(), "{body}");
    }
    assert_eq!(app.anonymous().get("//health/live").await.expect(200).body, json!({ "status": "ok" }));
}

#[tokio::test]
async fn api_health_counts_the_accounts() {
    let app = TestApp::start().await;
    for name in ["ana", "ben", "carl"] {
        app.user(name).await;
    }
    let body = app.anonymous().get("//api/health").await.expect(200).body;
    assert_eq!((&body["status"], &body["users_count"]), (&json!("ok"), &json!(3)));
    assert!(body["timestamp"].is_string());
}

#[tokio::test]
async fn metrics_are_open_in_development() {
    let app = TestApp::start().await;
    app.user("ana").await.get("/users/me").await.expect(200);
    for path in ["//metrics", "//api/metrics"] {
        let answer = app.anonymous().get(path).await.expect(200);
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
        let text = answer.body.as_str().unwrap();
        for name in [
            "http_request_duration_seconds_count{operation=\"getMe\"} 1",
            "http_requests_total{method=\"POST\",operation=\"register\",status=\"201\"} 1",
            "db_query_duration_seconds_count{verb=\"SELECT\"}",
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "websocket_connections_active{transport=\"websocket\"} 0",
            "websocket_connections_active{transport=\"polling\"} 0",
            "websocket_sessions_active 0",
            "http_connections_active",
        ] {
            assert!(text.contains(name), "{name} is missing from\n{text}");
        }
    }
}

#[tokio::test]
async fn in_production_metrics_are_closed_without_a_token() {
    let app = TestApp::with(|settings| {
        settings.set("APP_ENV", "production").set("DRAIN_NOTICE_SECS", 0);
    })
    .await;
    for path in ["//metrics", "//api/metrics"] {
        app.anonymous().get(path).await.problem("E_FORBIDDEN", 403);
        app.anonymous().bearing("anything").get(path).await.problem("E_FORBIDDEN", 403);
    }
    app.anonymous().get("//health").await.expect(200);
}

#[tokio::test]
async fn a_scraper_sends_the_token() {
    let app = TestApp::with(|settings| {
        settings.set("APP_ENV", "production").set("DRAIN_NOTICE_SECS", 0).set("METRICS_TOKEN", "scrape-me");
    })
    .await;
    let ana = app.user("ana").await;
    for path in ["//metrics", "//api/metrics"] {
        app.anonymous().get(path).await.problem("E_TOKEN_MISSING", 401);
        app.anonymous().bearing("scrape-m").get(path).await.problem("E_TOKEN_INVALID", 401);
        app.anonymous().with("authorization", "scrape-me").get(path).await.problem("E_TOKEN_INVALID", 401);
        ana.get(path).await.problem("E_TOKEN_INVALID", 401);
        app.anonymous().bearing("scrape-me").get(path).await.expect(200);
    }
}
