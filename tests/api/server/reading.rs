use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, RawConnection, TestApp, raw};

async fn post_of(client: &Client) -> String {
    let id = client.post("/posts", json!({ "content": "hello" })).await.expect(201).text("id");
    format!("/posts/{id}")
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").expect("it has a version").to_owned()
}

#[tokio::test]
async fn what_one_has_already_isnt_sent_again() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let tag = tag(&ana.get(&path).await.expect(200));
    for held in [&tag, "*", &format!("W/{tag}"), &format!("\"other\", {tag}")] {
        for method in [Method::GET, Method::HEAD] {
            let answer = ana.with("if-none-match", held).request(method, &path).await.expect(304);
            assert!(answer.body.is_null());
            assert_eq!(answer.header("etag"), Some(&*tag));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(answer.header("x-request-id").is_some() && answer.header("date").is_some());
            assert!(answer.header("content-type").is_none() && answer.header("content-encoding").is_none());
        }
    }
    for other in ["\"1\"", "\"other\"", "nonsense", ""] {
        ana.with("if-none-match", other).get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn whatever_a_reader_would_see_changed_is_sent() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let path = post_of(&ana).await;
    let first = tag(&ana.get(&path).await);
    ana.patch(&path, json!({ "content": "edited" })).await.expect(200);
    let second = tag(&ana.with("if-none-match", &first).get(&path).await.expect(200));
    // No edit, and yet another answer.
    ben.put(&format!("{path}/reactions/like"), json!({})).await.expect(200);
    let third = ana.with("if-none-match", &second).get(&path).await.expect(200);
    assert_eq!(third.body["reactions"], json!({ "like": 1 }));
    // Who reacted sees something else than who didn't.
    let of_ben = ben.with("if-none-match", &tag(&third)).get(&path).await.expect(200);
    assert_eq!(of_ben.body["myReaction"], "like");
    ben.with("if-none-match", &tag(&of_ben)).get(&path).await.expect(304);
}

#[tokio::test]
async fn only_reading_asks_whether_one_has_it() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let everything = ana.with("if-none-match", "*");
    everything.patch(&path, json!({ "content": "edited" })).await.expect(200);
    everything.get("/users/me").await.expect(200);
    everything.get("/posts/nothing").await.problem("E_NOT_FOUND", 404);
    app.anonymous().with("if-none-match", "*").get(&path).await.problem("E_TOKEN_MISSING", 401);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = format!("/api/v1{}", post_of(&ana).await);
    let bearer = format!("authorization: Bearer {}\r\n", ana.access_token);
    for (path, headers, status) in [
        ("/health/live", "", 200),
        (&path, &bearer, 200),
        (&path, "", 401),
        ("/nowhere", "", 404),
        ("/api-docs/openapi.json", "", 200),
        ("/socket.io/socket.io.min.js", "", 200),
    ] {
        let mut connection = app.raw().await;
        let head = said(&mut connection, "HEAD", path, headers).await;
        let get = said(&mut connection, "GET", path, headers).await;
        assert_eq!((raw::status(&head), raw::status(&get)), (status, status), "{path}");
        let (told, body) = (fields(&head), head.split_once("\r\n\r\n").map(|(_, body)| body));
        assert_eq!(body, Some(""), "{path}");
        assert_eq!(told, fields(&get), "{path}");
        assert!(told.iter().any(|field| field.starts_with("content-length: ")), "{told:?}");
    }
}

/// The head, and whatever came with it.
async fn said(connection: &mut RawConnection, method: &str, path: &str, headers: &str) -> String {
    connection
        .write(&format!("{method} {path} HTTP/1.1\r\nhost: x\r\nx-request-id: 1\r\n{headers}\r\n"))
        .await;
    match method {
        "HEAD" => connection.read_head().await,
        _ => connection.read_answer().await,
    }
    .expect("it answers")
}

/// The header fields, but for what changes with time.
fn fields(answer: &str) -> Vec<String> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let fields = head.lines().skip(1).map(str::to_lowercase).filter(|field| !field.starts_with("date"));
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    fields
}
