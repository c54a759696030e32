use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, raw};

const JSON: &str = "application/json";

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in
        ["", "{", "{\"content\": \"x\"} trailing", "\u{feff}{}", "{'content': 1}", "\"\\ud800\"", &deep]
    {
        let answer = ana.send(Method::POST, "/posts", JSON, body).await.problem("E_BODY_MALFORMED", 400);
        assert!(answer.text("detail").contains("line 1"), "{}", answer.body);
    }
}

#[tokio::test]
async fn json_of_another_shape_is_invalid() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for body in ["null", "7", "\"text\"", "[]", "true"] {
        ana.send(Method::POST, "/posts", JSON, body).await.invalid(&[("", "type")]);
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let body = json!({ "content": "hello" }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", ""] {
        ana.send(Method::POST, "/posts", kind, body.clone()).await.problem("E_MEDIA_TYPE", 415);
    }
    // Without any: a browser's form without a type is as foreign.
    ana.request(Method::POST, "/posts").await.problem("E_MEDIA_TYPE", 415);
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        ana.send(Method::POST, "/posts", kind, body.clone()).await.expect(201);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_BODY_BYTES", 2048);
    })
    .await;
    let ana = app.user("ana").await;
    let of_length = |length: usize| format!("{:length$}", json!({ "content": "hello" }).to_string());
    ana.send(Method::POST, "/posts", JSON, of_length(2048)).await.expect(201);
    ana.send(Method::POST, "/posts", JSON, of_length(2049)).await.problem("E_BODY_TOO_LARGE", 413);
}

#[tokio::test]
async fn a_body_without_a_length_is_measured_as_it_comes() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_BODY_BYTES", 2048);
    })
    .await;
    let ana = app.user("ana").await;
    let mut connection = app.raw().await;
    let head = format!(
        "POST /api/v1/posts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {JSON}\r\n\
         transfer-encoding: chunked\r\n\r\n",
        ana.access_token
    );
    connection.write(&head).await;
    for _ in 0..3 {
        connection.write(&format!("400\r\n{}\r\n", " ".repeat(1024))).await;
    }
    let answer = connection.read_answer().await.expect("it is told");
    assert_eq!((raw::status(&answer), &raw::body(&answer)["code"]), (413, &json!("E_BODY_TOO_LARGE")));
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() {
    let app = TestApp::with(|settings| {
        settings.set("BODY_TIMEOUT_SECS", 1);
    })
    .await;
    let ana = app.user("ana").await;
    let mut connection = app.raw().await;
    let head = format!(
        "POST /api/v1/posts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {JSON}\r\n\
         content-length: 100\r\n\r\n{{",
        ana.access_token
    );
    connection.write(&head).await;
    let answer = connection.read_answer().await.expect("it is told");
    assert_eq!((raw::status(&answer), &raw::body(&answer)["code"]), (408, &json!("E_REQUEST_TIMEOUT")));
    // Nothing else can be read from this connection.
    connection.read_to_end().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_makes_nothing() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut connection = app.raw().await;
    let head = format!(
        "POST /api/v1/posts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {JSON}\r\n\
         content-length: 100\r\n\r\n{{\"content\": \"hello\"}}",
        ana.access_token
    );
    connection.write(&head).await;
    drop(connection);
    assert_eq!(ana.get("/posts").await.expect(200).items().len(), 0);
}
