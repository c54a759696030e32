use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn an_unknown_path_is_a_problem_like_any_other() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for path in
        ["//", "//nowhere", "/nowhere", "/posts/x/y/z", "//api/v1", "//api/v2/posts", "/users/", "//.env"]
    {
        let answer = ana.get(path).await.problem("E_NOT_FOUND", 404);
        let instance = answer.text("instance");
        assert!(path.trim_start_matches('/').is_empty() || instance.ends_with(path.trim_start_matches('/')));
    }
    ana.post("/nowhere", json!({})).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn an_unknown_method_is_not_allowed() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for (method, path, allowed) in [
        (Method::DELETE, "/posts", "GET, HEAD, POST"),
        (Method::PUT, "/posts", "GET, HEAD, POST"),
        (Method::GET, "/auth/login", "POST"),
        (Method::HEAD, "/auth/login", "POST"),
        (Method::POST, "/users/me", "GET, HEAD, PATCH"),
        (Method::POST, "/users/ana", "GET, HEAD"),
        (Method::POST, "//health", "GET, HEAD"),
        (Method::POST, "//api-docs", "GET, HEAD"),
        (Method::PUT, "//socket.io/socket.io.min.js", "GET, HEAD"),
        (Method::TRACE, "/posts", "GET, HEAD, POST"),
        (Method::from_bytes(b"BREW").unwrap(), "/posts", "GET, HEAD, POST"),
    ] {
        let answer = ana.request(method.clone(), path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
        if method != Method::HEAD {
            answer.problem("E_METHOD_NOT_ALLOWED", 405);
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for path in ["//health", "//health/live", "/users/me", "/posts"] {
        let answer = ana.request(Method::HEAD, path).await.expect(200);
        assert!(answer.body.is_null() && answer.header("x-request-id").is_some(), "{path}");
    }
    app.anonymous().request(Method::HEAD, "/users/me").await.expect(401);
}

#[tokio::test]
async fn the_prefix_can_be_chosen() {
    let app = TestApp::with(|settings| {
        settings.set("API_PREFIX", "v7");
    })
    .await;
    let body = json!({ "username": "ana", "email": "ana@example.com", "password": crate::support::PASSWORD });
    let answer = app.anonymous().post("//v7/auth/register", body).await.expect(201);
    assert!(answer.header("location").unwrap().starts_with("/v7/users/"));
    // Past the kit, which holds every answer against the document of the usual prefix.
    let elsewhere = app.anonymous().build(Method::GET, "/users/me").send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
    app.anonymous().get("//health").await.expect(200);
}

#[tokio::test]
async fn a_problem_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let answers = [
        ana.get("/posts/'; DROP TABLE posts; --").await,
        ana.get("/posts?cursor=eyJ4IjoxfQ").await,
        ana.get("/users/..%2f..%2fetc%2fpasswd").await,
        ana.post("/posts", json!({ "content": { "$ne": 1 } })).await,
    ];
    for answer in answers {
        assert!((400..500).contains(&answer.status), "{}", answer.body);
        let mut body = answer.body.clone();
        // The path is the caller's own.
        body["instance"] = json!("");
        let text = body.to_string().to_lowercase();
        for inside in ["select", "sqlx", "sea_orm", "panicked", "src/", ".rs", "sqlite", "postgres"] {
            assert!(!text.contains(inside), "{inside} in {text}");
        }
    }
}
