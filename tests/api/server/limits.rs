use serde_json::json;

use crate::support::{RawConnection, TestApp, eventually, raw};

const HEALTH: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

/// A connection that has been answered, and so has its place.
async fn seated(app: &TestApp) -> Option<RawConnection> {
    let mut connection = app.raw().await;
    connection.write(HEALTH).await;
    let answer = connection.read_answer().await?;
    (raw::status(&answer) == 200).then_some(connection)
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_is_hung_up_on() {
    let app = TestApp::with(|settings| {
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    let mut silent = app.raw().await;
    let mut slow = app.raw().await;
    slow.write("GET /health HTTP/1.1\r\nhost: x\r\nx-slow").await;
    for connection in [&mut silent, &mut slow] {
        let said = connection.read_to_end().await;
        assert!(said.is_empty() || raw::status(&said) == 408, "{said}");
    }
}

#[tokio::test]
async fn a_connection_that_is_idle_is_hung_up_on() {
    let app = TestApp::with(|settings| {
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    let mut connection = seated(&app).await.expect("there is room");
    connection.write(HEALTH).await;
    assert_eq!(raw::status(&connection.read_answer().await.expect("it is kept open")), 200);
    connection.read_to_end().await;
}

#[tokio::test]
async fn beyond_the_last_place_a_connection_is_told_so() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_CONNECTIONS", 2);
    })
    .await;
    let first = seated(&app).await.expect("there is room");
    let mut second = seated(&app).await.expect("there is room");

    let told = app.raw().await.read_to_end().await;
    assert_eq!(raw::status(&told), 503);
    let problem = raw::body(&told);
    assert_eq!((&problem["code"], &problem["status"]), (&json!("E_OVERLOADED"), &json!(503)));
    assert!(told.to_lowercase().contains("\r\nretry-after: 5\r\n"), "{told}");
    assert!(told.contains("content-type: application/problem+json"), "{told}");

    // Those who are in are served, and whoever leaves makes room.
    second.write(HEALTH).await;
    assert_eq!(raw::status(&second.read_answer().await.expect("it is still served")), 200);
    drop(first);
    eventually(async || seated(&app).await.map(drop)).await;
}

#[tokio::test]
async fn a_head_is_bounded() {
    let app = TestApp::start().await;
    let many = "x-many: 1\r\n".repeat(100);
    let long = format!("x-long: {}\r\n", "x".repeat(64 * 1024));
    for headers in [many, long] {
        let mut connection = app.raw().await;
        connection.write(&format!("GET /health HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
        let said = connection.read_to_end().await;
        assert_eq!(raw::status(&said), 431, "{said}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_hung_up_on() {
    let app = TestApp::start().await;
    for nonsense in ["\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let mut connection = app.raw().await;
        connection.write(nonsense).await;
        let said = connection.read_to_end().await;
        assert!(said.is_empty() || raw::status(&said) == 400, "{said}");
    }
    app.anonymous().get("//health").await.expect(200);
}

#[tokio::test]
async fn two_lengths_that_differ_are_refused() {
    let app = TestApp::start().await;
    for lengths in ["content-length: 4\r\ncontent-length: 40\r\n", "content-length: +4\r\n"] {
        let mut connection = app.raw().await;
        connection.write(&format!("POST /api/v1/posts HTTP/1.1\r\nhost: x\r\n{lengths}\r\n{{}}{{}}")).await;
        assert_eq!(raw::status(&connection.read_to_end().await), 400, "{lengths}");
    }
}
